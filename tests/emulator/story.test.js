// Our Telegram channel against an emulator of the Bot API that others wrote (the npm package telegram-test-api). It knows fewer methods
// than Telegram and answers the others with 500, it ignores `offset` and `timeout`, and its answers lack fields.
//
//   npm ci && FIRSTLINE_BIN=/path/to/firstline npm test        # without FIRSTLINE_BIN: ../../target/debug/firstline

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import TelegramServer from "telegram-test-api";
import { Server, freePort } from "./server.js";
import { within } from "./within.js";

const TOKEN = "123456:emulated";
const CHAT = 1001;
const QUESTION = "How long does delivery take?";
const THANKS = "Thank you for telling us!";
const IN_LINE = "You are next in line.";
const REPLY = "Hello, this is Ann. Let me look into that.";
const WORDS = "The order is 4711.";
const LAST_WORDS = "Are you still there?";
const LAST_REPLY = "I am. All done.";

// The emulator's client asks over HTTP; what stands on this machine is not asked for through a proxy.
process.env.no_proxy = process.env.NO_PROXY = "127.0.0.1";

let telegram;
let server;
let ann;
let customer;
let conversation;
/** Every finished call of the Bot API: `{ method, status, body }`. */
const calls = [];

before(async () => {
  telegram = new TelegramServer({ host: "127.0.0.1", port: await freePort(), storeTimeout: 3_600 });
  await telegram.start();
  telegram.server.on("request", (request, response) => {
    const [, method] = /^\/bot[^/]+\/(\w+)/.exec(request.url) ?? [];
    if (method) response.once("finish", () => calls.push({ method, status: response.statusCode, body: request.body ?? {} }));
  });
  customer = telegram.getClient(TOKEN, { userId: CHAT, chatId: CHAT, firstName: "Dora" });
  server = await Server.start(telegram.config.apiURL, TOKEN);
  ann = await server.agent("ann@shop.example", "Ann");
});

after(async () => {
  try {
    await server?.end();
  } finally {
    await telegram?.stop();
  }
});

test("a question is answered, and a tap on \"this helped\" is taken", async () => {
  await customer.sendMessage(customer.makeMessage(QUESTION));
  const answer = await hears("the answer", (message) => message.text.includes("2–4 working days"));
  const helped = buttonsOf(answer).find((button) => /^f:\d+:1$/.test(button.callback_data));
  assert.ok(helped, `nobody is asked whether it helped: ${JSON.stringify(answer)}`);

  await taps(helped, answer);
  const [answered] = await within("the tap to be answered", () => some(called("AnswerCallbackQuery")), whatHappened);
  assert.deepEqual([answered.status, answered.body.text], [200, THANKS]);
  const [edited] = await within("the buttons to go", () => some(called("EditMessageReplyMarkup")), whatHappened);
  assert.deepEqual([edited.body.chat_id, edited.body.message_id, edited.body.reply_markup], [CHAT, answer.id, undefined]);

  const [row, ...others] = await ann.conversations("bot");
  assert.deepEqual(others, [], "one chat is one conversation");
  assert.deepEqual([row.site, row.channel, row.language], ["shop", "telegram", "en"]);
  conversation = row.id;
  const { turns } = await ann.opens(conversation);
  assert.deepEqual(turns.map((turn) => [turn.by, turn.decision ?? null, turn.article?.id ?? null]), [
    ["customer", null, null],
    ["bot", "answer", "delivery-time"],
  ]);
  const { seq, helped: isKept, article } = held().state.last_answer;
  assert.deepEqual([`f:${seq}:1`, isKept, article], [helped.callback_data, true, "delivery-time"]);
});

test("/human leads to a person, whose reply arrives once", async () => {
  await customer.sendCommand(customer.makeCommand("/human"));
  await hears("the place in line", (message) => message.text.includes(IN_LINE));
  const [waiting] = await ann.conversations("waiting");
  assert.equal(waiting.id, conversation);

  await ann.claims(conversation);
  await ann.replies(conversation, "reply-1", REPLY);
  // As a console does that has not seen the answer to the first.
  await ann.replies(conversation, "reply-1", REPLY);
  await hears("the reply", (message) => message.text.includes(REPLY));
  assert.equal((await ann.opens(conversation)).conversation.phase.name, "with_agent");
});

test("what the customer says then is in the agent's view once, however often it is handed out", async () => {
  await customer.sendMessage(customer.makeMessage(WORDS));
  await agentSees(WORDS);
  const before = await everything();

  // Words, the tap and the command: the emulator forgets that it handed them out.
  await handsOutAgain(() => true);
  assert.deepEqual(await everything(), before);

  // What was sent and not yet written down may come again after a death, and only that.
  await within("what was sent to be written down", () => held().deliveries.every((row) => row.state === "done"));
  await server.killAndStartAgain();
  // A new process has no memory of updates; the store knows the words.
  await handsOutAgain((update) => update.message?.text === QUESTION || update.message?.text === WORDS);
  assert.deepEqual(await everything(), before);

  // Both ways are still open, and nothing was behind them.
  await customer.sendMessage(customer.makeMessage(LAST_WORDS));
  await agentSees(LAST_WORDS);
  await ann.replies(conversation, "reply-2", LAST_REPLY);
  await hears("the last reply", (message) => message.text.includes(LAST_REPLY));
  const { said, turns } = await everything();
  assert.deepEqual(turns, [...before.turns, `customer: ${LAST_WORDS}`, `agent: ${LAST_REPLY}`]);
  assert.equal(said.length, before.said.length + 1);
  for (const once of ["2–4 working days", IN_LINE, REPLY, LAST_REPLY]) {
    assert.equal(said.filter((text) => text.includes(once)).length, 1, `${once}: ${JSON.stringify(said)}`);
  }
  for (const once of [QUESTION, WORDS, LAST_WORDS]) {
    assert.equal(turns.filter((turn) => turn === `customer: ${once}`).length, 1, `${once}: ${JSON.stringify(turns)}`);
  }
});

test("what the emulator does not know troubles nobody", async (t) => {
  const refused = [...new Set(calls.filter((call) => call.status !== 200).map((call) => call.method))].sort();
  assert.deepEqual(refused, ["SendChatAction", "SetMyCommands"]);
  const complaints = server.complaints();
  assert.ok(
    Object.keys(complaints).every((words) => words.startsWith("WARN | the command menu could not be set")),
    JSON.stringify(complaints),
  );
  assert.deepEqual((await ann.opens(conversation)).undelivered, []);
  const polls = called("GetUpdates").length;
  t.diagnostic(`${polls} polls; not known to the emulator: ${refused.join(", ")}; complaints: ${JSON.stringify(complaints)}`);
});

/** What the store holds of the conversation. */
function held() {
  return server.exports(conversation).conversations.find((one) => one.id === conversation);
}

/** What the bot has said in the customer's chat, in order. */
async function chat() {
  const history = await customer.getUpdatesHistory();
  const said = history.filter((update) => String(update.message?.chat_id) === String(CHAT));
  return said.map(({ messageId, message }) => ({ id: messageId, text: message.text, keyboard: message.reply_markup?.inline_keyboard }));
}

function hears(what, fits) {
  return within(what, async () => (await chat()).find(fits), whatHappened);
}

function agentSees(text) {
  const turn = async () => (await ann.opens(conversation)).turns.find((turn) => turn.text === text);
  return within(`${JSON.stringify(text)} in the agent's view`, turn, whatHappened);
}

function buttonsOf(message) {
  return (message.keyboard ?? []).flat();
}

/** Telegram tells with a tap under which message the button stands; the emulator's client has to be told. */
function taps(button, message) {
  return customer.sendCallback(customer.makeCallbackQuery(button.callback_data, { message: { message_id: message.id } }));
}

/** Everything that was said, as the customer and as the agent see it. */
async function everything() {
  const { turns } = await ann.opens(conversation);
  const said = await chat();
  return { said: said.map((message) => message.text), turns: turns.map((turn) => `${turn.by}: ${turn.text}`) };
}

/** Returns when the server has taken all of them: it asks for more only then. */
async function handsOutAgain(which) {
  const again = telegram.storage.userMessages.filter(which);
  assert.ok(again.length > 0);
  for (const update of again) update.isRead = false;
  await within("the updates to be handed out again", () => again.every((update) => update.isRead), whatHappened);
  const polls = called("GetUpdates").length;
  // The poll that brought them may not have been counted yet.
  await within("the updates to be taken", () => called("GetUpdates").length >= polls + 2, whatHappened);
}

function called(method) {
  return calls.filter((call) => call.method === method);
}

function some(list) {
  return list.length > 0 && list;
}

async function whatHappened() {
  const others = calls.filter((call) => call.method !== "GetUpdates").map((call) => `${call.method} ${call.status}`);
  return `The chat: ${JSON.stringify(await chat())}\nThe calls: ${others.join(", ")}\nThe log:\n${server.log.slice(-30).join("\n")}`;
}
