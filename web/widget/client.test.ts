import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ANSWER_DUE_MS, Client, POLL_MS, SILENCE_MS, TYPING_EVERY_MS, freshId } from "./client";
import { countUnseen, isReconnecting } from "./rules";
import { Shelf } from "./shelf";
import { Server } from "./testing/server";
import { phase } from "./testing/turns";

let server: Server;
const clients: Client[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  localStorage.clear();
  server = new Server();
  server.start();
});

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A page of the shop with the widget on it, open unless said otherwise. */
function visit(isOpen = true): Client {
  const shelf = new Shelf("shop");
  const client = new Client({ server: "https://help.example/", site: "shop", language: "en", shelf, keepDays: 30, onChange: () => {}, onBadIdentity: () => {} });
  clients.push(client);
  client.looks(isOpen);
  return client;
}

const leave = (client: Client) => client.destroy();
const soon = () => vi.advanceTimersByTimeAsync(50);
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const texts = (client: Client) => client.state.turns.map((t) => t.text);

it("makes a conversation with the first text and hears the answer", async () => {
  const customer = visit();
  await soon();
  expect(server.requests).toEqual([]);
  customer.says("where is my order?");
  await soon();
  expect(texts(customer)).toEqual(["where is my order?", "answer to where is my order?"]);
  expect(customer.state.link.is).toBe("live");
  expect(customer.state.pending).toEqual([]);
});

it("keeps what was typed while the server is away, through a reload, and sends it once, in order", async () => {
  server.mood = "unreachable";
  const customer = visit();
  customer.says("first");
  customer.says("second");
  await later(5_000);
  leave(customer);
  const again = visit();
  again.says("third");
  await later(5_000);
  expect(server.heard()).toEqual([]);
  server.mood = "well";
  await later(40_000);
  expect(server.heard()).toEqual(["first", "second", "third"]);
  expect(again.state.pending).toEqual([]);
  expect(localStorage.length).toBe(1);
});

it("does not say twice what was stored although the answer was lost", async () => {
  const customer = visit();
  server.mood = "loses_answers";
  customer.says("hello");
  await later(3_000);
  server.mood = "well";
  await later(10_000);
  expect(server.heard()).toEqual(["hello"]);
  expect(server.conversations.size).toBe(1);
  expect(texts(customer)).toEqual(["hello", "answer to hello"]);
});

it("waits as long as a busy server asks, and tries at once when the customer does not want to", async () => {
  server.mood = "busy";
  const customer = visit();
  customer.says("hello");
  await later(6_900);
  expect(server.requests).toHaveLength(1);
  customer.wakes();
  await soon();
  expect(server.requests).toHaveLength(2);
  await later(7_100);
  expect(server.requests).toHaveLength(3);
});

it("goes on with the conversation on the next page, from where it stopped", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  leave(customer);
  const again = visit();
  expect(texts(again)).toEqual(["hello", "answer to hello"]);
  await soon();
  server.says(server.only, "agent", "are you still there?");
  expect(texts(again).at(-1)).toBe("are you still there?");
  expect(server.conversations.size).toBe(1);
});

it("asks for turns when no socket opens, and says nothing of it", async () => {
  server.sockets = false;
  const customer = visit();
  customer.says("hello");
  await soon();
  expect(texts(customer)).toEqual(["hello", "answer to hello"]);
  server.says(server.only, "agent", "I am here", phase("with_agent"));
  await later(POLL_MS + 100);
  expect(texts(customer).at(-1)).toBe("I am here");
  expect(isReconnecting(customer.state)).toBe(false);
  server.sockets = true;
  await later(40_000);
  expect(customer.state.link.is).toBe("live");
});

it("reconnects after a cut and misses nothing", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  server.mood = "unreachable";
  server.cutSockets();
  await soon();
  expect(isReconnecting(customer.state)).toBe(true);
  server.says(server.only, "agent", "said meanwhile");
  server.mood = "well";
  await later(40_000);
  expect(texts(customer).at(-1)).toBe("said meanwhile");
  expect(isReconnecting(customer.state)).toBe(false);
});

it("notices a socket that died without a word when an answer is due", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  server.deafenSockets();
  customer.says("and now?");
  await soon();
  expect(texts(customer).at(-1)).toBe("and now?");
  await later(ANSWER_DUE_MS);
  expect(texts(customer).at(-1)).toBe("answer to and now?");
  await later(5_000);
  server.says(server.only, "agent", "hm?");
  expect(texts(customer).at(-1)).toBe("hm?");
});

it("checks a silent socket while a person is expected, and only then", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  const before = server.requests.length;
  await later(10 * SILENCE_MS);
  expect(server.requests).toHaveLength(before);
  server.says(server.only, "system", "A person will come.", phase("waiting"));
  server.deafenSockets();
  server.says(server.only, "agent", "I am here", phase("with_agent"));
  await later(SILENCE_MS + 100);
  expect(texts(customer).at(-1)).toBe("I am here");
});

it("begins anew when the conversation is gone, and keeps the text", async () => {
  const customer = visit();
  customer.says("old");
  await soon();
  server.forgets();
  customer.says("new");
  await soon();
  expect(server.heard()).toEqual(["new"]);
  expect(texts(customer)).toEqual(["new", "answer to new"]);
  expect(customer.state.renewed).toBe(true);
});

it("shares one conversation between two tabs that begin at once", async () => {
  const [left, right] = [visit(), visit()];
  left.says("from the left");
  right.says("from the right");
  await later(1_000);
  expect(server.conversations.size).toBe(1);
  expect(server.heard().sort()).toEqual(["from the left", "from the right"]);
});

it("leaves the other tab's unsent texts alone", async () => {
  server.mood = "unreachable";
  const [left, right] = [visit(), visit()];
  left.says("from the left");
  right.says("from the right");
  await later(2_000);
  leave(left);
  leave(right);
  server.mood = "well";
  visit();
  await later(1_000);
  expect(server.heard()).toEqual(["from the left", "from the right"]);
});

it("holds no socket on pages where nobody looks, but does while a person is expected", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  customer.looks(false);
  expect(customer.state.link.is).toBe("idle");
  expect(server.countSockets()).toBe(0);
  customer.looks(true);
  await soon();
  server.says(server.only, "system", "A person will come.", phase("waiting"));
  leave(customer);
  const elsewhere = visit(false);
  await soon();
  expect(elsewhere.state.link.is).toBe("live");
});

it("rates and comments, and does so again when the connection breaks", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  server.says(server.only, "system", "Closed.", phase("resolved"));
  customer.rates(5, null);
  await soon();
  server.mood = "unreachable";
  customer.rates(5, "so kind");
  await later(2_000);
  server.mood = "well";
  await later(30_000);
  expect(server.ratings).toEqual([{ score: 5 }, { score: 5, comment: "so kind" }]);
});

it("works where the browser keeps nothing", async () => {
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new Error("SecurityError");
  });
  const customer = visit();
  customer.says("hello");
  await soon();
  expect(texts(customer)).toEqual(["hello", "answer to hello"]);
});

it("makes ids that cannot be guessed", () => {
  expect(freshId()).toMatch(/^[0-9a-f]{32}$/);
  expect(freshId()).not.toBe(freshId());
});

it("begins with what the site vouches for, what the page knows and what was filled in", async () => {
  const customer = visit();
  customer.identifies("anna");
  customer.describes({ cart: 3 });
  customer.describes({ plan: "pro" });
  customer.fillsIn({ order: "A-17" });
  customer.says("hello");
  await soon();
  expect(server.opened).toMatchObject([{ attributes: { cart: 3, plan: "pro" }, details: { order: "A-17" }, site: "shop" }]);
  expect(server.owners.get(server.only.id)).toBe("anna");
  customer.describes({ cart: 4 });
  await soon();
  expect(server.told).toEqual([["attributes", { attributes: { cart: 4, plan: "pro" } }]]);
});

it("ties a running conversation to who signed in, and begins anew for somebody else", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  customer.identifies("anna");
  await soon();
  expect(server.owners.get(server.only.id)).toBe("anna");
  expect(texts(customer)).toHaveLength(2);
  customer.identifies("boris");
  await soon();
  expect(texts(customer)).toEqual([]);
  customer.says("hi, Boris here");
  await soon();
  expect([...server.owners.values()]).toEqual(["anna", "boris"]);
});

it("signs out in every tab, and leaves nothing behind", async () => {
  const [left, right] = [visit(), visit()];
  left.says("hello");
  await soon();
  expect(texts(right)).toEqual([]);
  left.signsOut();
  await settled(() => right.state.held === null && localStorage.length === 0);
  expect(texts(left)).toEqual([]);
});

it("tells the other tabs what was seen", async () => {
  const left = visit();
  left.says("hello");
  await soon();
  const right = visit();
  await soon();
  expect(countUnseen(right.state)).toBe(1);
  left.sees();
  await settled(() => countUnseen(right.state) === 0);
});

it("tells an agent that the customer types, now and then, and that they stopped", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  customer.types(true);
  server.says(server.only, "agent", "hi", phase("with_agent"));
  customer.types(true);
  customer.types(true);
  await later(TYPING_EVERY_MS);
  customer.types(true);
  customer.types(false);
  customer.types(false);
  await soon();
  expect(server.told).toEqual([true, true, false].map((typing) => ["typing", { typing }]));
});

it("tells once how far the customer has read when an agent wrote", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  customer.sees();
  server.says(server.only, "agent", "hi", phase("with_agent"));
  customer.sees();
  server.says(server.only, "agent", "are you there?");
  customer.sees();
  await later(1_000);
  expect(server.told).toEqual([["read", { through: 4 }]]);
});

it("hears at once without a socket, because the server answers when it has something", async () => {
  server.sockets = false;
  const customer = visit();
  customer.says("hello");
  await later(2 * POLL_MS);
  server.says(server.only, "agent", "I am here", phase("with_agent"));
  await soon();
  expect(texts(customer).at(-1)).toBe("I am here");
  const before = server.requests.length;
  await later(60_000);
  // Two or three requests that wait, where asking every three seconds would have been twenty.
  const asked = server.requests.slice(before).filter((request) => request.includes("wait="));
  expect([2, 3]).toContain(asked.length);
});

it("forgets a conversation that is older than the site keeps them", async () => {
  const customer = visit();
  customer.says("hello");
  await soon();
  leave(customer);
  vi.setSystemTime(Date.now() + 31 * 86_400_000);
  expect(texts(visit())).toEqual([]);
});

it("begins a conversation for a file, and sends it with the words", async () => {
  const customer = visit();
  const address = customer.address("attachments?name=a.png");
  await soon();
  expect(await address).toEqual({ url: `https://help.example/api/v1/conversations/${server.only.id}/attachments?name=a.png`, token: server.only.token });
  const file = { id: "f1", name: "a.png", type: "image/png", bytes: 9, url: "/api/v1/attachments/x" };
  customer.says("", [file]);
  await soon();
  expect(server.bodies.at(-1)).toMatchObject({ text: "", attachments: ["f1"] });
});

/** Channels between tabs are real, and know nothing of the test's clock. */
async function settled(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 200 && !isSo(); n++) {
    await new Promise<void>((next) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => next();
      channel.port2.postMessage(null);
    });
    await soon();
  }
  expect(isSo()).toBe(true);
}
