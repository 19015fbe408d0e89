// The real binary on a port of its own, answering from words alone, with a Telegram bot that talks to `telegramUrl`.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { within } from "./within.js";

const ROOT = resolve(import.meta.dirname, "../..");
const BINARY = resolve(process.env.FIRSTLINE_BIN ?? join(ROOT, "target/debug/firstline"));
const PASSWORD = "correct horse";

export class Server {
  /** What it wrote to its log, one line each. */
  log = [];
  #home = mkdtempSync(join(tmpdir(), "firstline-emulator-"));
  #config = join(this.#home, "firstline.toml");
  #env;
  #process;

  constructor(port, telegramUrl, token) {
    this.url = `http://127.0.0.1:${port}`;
    // What the caller's environment says of Firstline is not for this one.
    const ours = Object.entries(process.env).filter(([name]) => !name.startsWith("FIRSTLINE_"));
    this.#env = { ...Object.fromEntries(ours), SHOP_BOT_TOKEN: token };
    const text = JSON.stringify;
    const lines = [
      `listen = "127.0.0.1:${port}"`,
      `data = ${text(join(this.#home, "data"))}`,
      `knowledge = ${text(join(ROOT, "knowledge_base"))}`,
      'model = "none"',
      // What is answered at once would otherwise change when the confidence has been calibrated, some time after the start.
      "[policy]",
      "answer_at = 0.8",
      "[[telegram]]",
      'name = "shop"',
      'token_env = "SHOP_BOT_TOKEN"',
      `api_url = ${text(telegramUrl)}`,
      'site = "shop"',
      "burst_ms = 0",
      "[log]",
      "json = true",
    ];
    writeFileSync(this.#config, `${lines.join("\n")}\n`);
  }

  static async start(telegramUrl, token) {
    const server = new Server(await freePort(), telegramUrl, token);
    try {
      await server.#launch();
    } catch (error) {
      await server.end();
      throw error;
    }
    return server;
  }

  /** As a power cut would. */
  async killAndStartAgain() {
    await this.#stop("SIGKILL");
    await this.#launch();
  }

  /** Stops as an operator would, and leaves nothing behind. */
  async end() {
    try {
      await this.#stop("SIGTERM");
    } finally {
      rmSync(this.#home, { recursive: true, force: true });
    }
  }

  /** Adds an agent, who signs in over HTTP. */
  async agent(email, name) {
    const password = join(this.#home, "password");
    writeFileSync(password, `${PASSWORD}\n`);
    this.#firstline("agent", "add", email, "--name", name, "--role", "agent", "--password-file", password);
    const response = await this.#ask("login", { method: "POST", body: { email, password: PASSWORD } });
    if (!response.ok) throw new Error(`the agent may not sign in: ${response.status} ${await response.text()}`);
    const cookie = response.headers.get("set-cookie").split(";")[0];
    const json = async (path, options) => {
      const response = await this.#ask(path, { ...options, cookie });
      const words = await response.text();
      if (!response.ok) throw new Error(`${path}: ${response.status} ${words}`);
      return words === "" ? undefined : JSON.parse(words);
    };
    return {
      conversations: async (view) => (await json(`conversations?view=${view}&limit=100`)).conversations,
      opens: (id) => json(`conversations/${id}`),
      claims: (id) => json(`conversations/${id}/claim`, { method: "POST", body: {} }),
      replies: (id, client_id, text) => json(`conversations/${id}/reply`, { method: "POST", body: { client_id, text } }),
    };
  }

  /** Everything that is held about the customer of a conversation (docs/data.md). */
  exports(conversation) {
    return JSON.parse(this.#firstline("export", "--conversation", conversation));
  }

  /** The numbers of warnings and errors in the log, by what they say. */
  complaints() {
    const counts = {};
    for (const line of this.log) {
      const entry = parsed(line);
      if (entry?.level !== "WARN" && entry?.level !== "ERROR") continue;
      const { message, error, why } = entry.fields ?? entry;
      const words = [entry.level, message, error, why].filter(Boolean).join(" | ");
      counts[words] = (counts[words] ?? 0) + 1;
    }
    return counts;
  }

  #firstline(...words) {
    const options = { cwd: ROOT, env: this.#env, timeout: 60_000, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 };
    return execFileSync(BINARY, [...words, "--config", this.#config], options);
  }

  #ask(path, { method = "GET", body, cookie } = {}) {
    const headers = { origin: this.url };
    if (cookie) headers.cookie = cookie;
    if (body) headers["content-type"] = "application/json";
    const signal = AbortSignal.timeout(30_000);
    return fetch(`${this.url}/api/v1/desk/${path}`, { method, headers, signal, body: body && JSON.stringify(body) });
  }

  async #launch() {
    const child = spawn(BINARY, ["serve", "--config", this.#config], { cwd: ROOT, env: this.#env, stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    const said = [];
    let trouble;
    child.once("error", (error) => (trouble = error.message));
    child.once("exit", (code, signal) => (trouble ??= `it ended with ${code ?? signal}`));
    createInterface({ input: child.stderr }).on("line", (line) => {
      said.push(line);
      this.log.push(line);
    });
    await within("the server to be ready", () => {
      if (trouble) throw new Error(`the server did not start: ${trouble}\n${said.join("\n")}`);
      return ["the articles are live", "Firstline is open"].every((words) => said.some((line) => line.includes(words)));
    }).catch(async (error) => {
      await this.#stop("SIGKILL");
      throw error;
    });
  }

  async #stop(signal) {
    const child = this.#process;
    const isOver = () => child.exitCode !== null || child.signalCode !== null;
    // No process came of it.
    if (!child || child.pid === undefined || isOver()) return;
    child.kill(signal);
    try {
      await within("the server to end", isOver);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }
}

export function freePort() {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
