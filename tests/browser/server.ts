// The real binary on a free port with a data folder of its own, which outlives a kill.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../..");
const BINARY = process.env["FIRSTLINE_BIN"] ?? join(ROOT, "target/debug/firstline");

export interface Options {
  /** Further lines of firstline.toml. */
  config?: string;
  env?: Record<string, string>;
}

export class Server {
  readonly url: string;
  private readonly home = mkdtempSync(join(tmpdir(), "firstline-browser-"));
  private process: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly options: Options,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(options: Options = {}): Promise<Server> {
    const server = new Server(await freePort(), options);
    await server.launch();
    return server;
  }

  /** A file in the server's own folder, such as a secret. */
  write(name: string, content: string): string {
    const path = join(this.home, name);
    writeFileSync(path, content);
    return path;
  }

  stop(): Promise<void> {
    return this.kill();
  }

  startAgain(): Promise<void> {
    return this.launch();
  }

  /** As a power cut would. */
  async killAndStartAgain(): Promise<void> {
    await this.kill();
    await this.launch();
  }

  addAgent(email: string, name: string, role: "agent" | "lead" | "admin" = "agent"): void {
    const password = join(this.home, "password");
    writeFileSync(password, "correct horse\n");
    execFileSync(BINARY, ["agent", "add", email, "--name", name, "--role", role, "--password-file", password, "--data", join(this.home, "data")], { cwd: ROOT });
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.home, { recursive: true, force: true });
  }

  private async kill(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
  }

  private launch(): Promise<void> {
    const config = join(this.home, "firstline.toml");
    writeFileSync(config, `listen = "127.0.0.1:${this.port}"\ndata = "${join(this.home, "data")}"\nencoder_wait_ms = 10000\n${this.options.config ?? ""}\n[log]\njson = true\n`);
    const env = { ...process.env, ...this.options.env };
    const child = spawn(BINARY, ["serve", "--config", config], { cwd: ROOT, env, stdio: ["ignore", "ignore", "pipe"] });
    this.process = child;
    const lines: string[] = [];
    return new Promise((ready, failed) => {
      child.once("exit", () => failed(new Error(`the server ended:\n${lines.join("\n")}`)));
      createInterface({ input: child.stderr! }).on("line", (line) => {
        lines.push(line);
        const said = (words: string) => lines.some((one) => one.includes(words));
        if (said("the articles are live") && said("Firstline is open")) ready();
      });
    });
  }
}

export function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? found(address.port) : failed(new Error("no port"))));
    });
  });
}
