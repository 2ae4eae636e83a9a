/**
 * An engine of a test's own, driven from outside: our CLI as a user types it, and the real docker CLI. Nothing of it
 * touches another engine; at the end everything must be gone, which `close` checks.
 */
import assert from "node:assert/strict";
import { type CommandOptions, type Output, output } from "./command.ts";
import { busyboxRootTar } from "./fixtures.ts";
import { type LeakBaseline, leakBaseline, leaks } from "./leaks.ts";

const main = new URL("../../main.ts", import.meta.url).pathname;
const config = new URL("../../deno.json", import.meta.url).pathname;

/** The command that a user types as `sauropod`. */
export const program: readonly string[] = Deno.env.get("SAUROPOD_TEST_PROGRAM")
  ? [Deno.env.get("SAUROPOD_TEST_PROGRAM") ?? ""]
  : [Deno.execPath(), "run", "-A", "--quiet", "--no-check", "--config", config, main];

export class Sandbox implements AsyncDisposable {
  readonly #baseline: LeakBaseline;

  private constructor(readonly folder: string, readonly env: Readonly<Record<string, string>>, baseline: LeakBaseline) {
    this.#baseline = baseline;
  }

  /** A sandbox with the image `busybox`; `env` goes to every command, so also to the engine that the first one starts. */
  static async open(env: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-test-" });
    const own = { SAUROPOD_ROOT: `${folder}/root`, SAUROPOD_RUN: `${folder}/run`, SAUROPOD_HOST: "", NO_COLOR: "1" };
    const sandbox = new Sandbox(folder, { ...own, ...env }, leakBaseline());
    await sandbox.ok("import", "-c", 'CMD ["sh"]', await busyboxRootTar(), "busybox:latest");
    return sandbox;
  }

  get socket(): string {
    return `${this.folder}/run/sauropod.sock`;
  }

  /** Runs our CLI, whatever its exit code. */
  sauropod(args: readonly string[], options: CommandOptions = {}): Promise<Output> {
    return output([...program, ...args], { ...options, env: { ...this.env, ...options.env } });
  }

  /** Runs our CLI, which must succeed; its trimmed stdout. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.sauropod(args);
    assert.equal(code, 0, `sauropod ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout.trim();
  }

  /** Runs a real docker CLI against this engine. */
  docker(args: readonly string[], options: CommandOptions & { cli?: string } = {}): Promise<Output> {
    const { cli = "docker", ...rest } = options;
    const env = { ...this.env, DOCKER_HOST: `unix://${this.socket}`, DOCKER_CONFIG: `${this.folder}/docker` };
    return output([cli, ...args], { ...rest, env: { ...env, ...options.env } });
  }

  /** One field of `inspect`. */
  inspect(name: string, template: string): Promise<string> {
    return this.ok("inspect", "--format", template, name);
  }

  /** The process id of the engine. */
  async enginePid(): Promise<number> {
    return Number(await this.ok("info", "--format", "{{.EnginePid}}"));
  }

  /** What `kill -9` does; settles when the process is gone. The next command starts a new engine. */
  async killEngine(): Promise<void> {
    const pid = await this.enginePid();
    Deno.kill(pid, "SIGKILL");
    await until(`engine ${pid} is gone`, () => !isAlive(pid));
  }

  /** Removes all containers, ends the engine, and fails if anything is left on the machine. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ids = (await this.ok("ps", "-aq")).split("\n").filter((id) => id !== "");
    if (ids.length > 0) await this.ok("rm", "-f", ...ids);
    await this.ok("engine", "stop");
    let left: string[] = [];
    await until("nothing is left", () => (left = leaks(this.#baseline, this.folder)).length === 0, 5000).catch(
      () => {},
    );
    assert.deepEqual(left, []);
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Waits until `condition` holds, looking every 20 ms; throws after `milliseconds`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  milliseconds = 10_000,
): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!await condition()) {
    if (Date.now() > end) throw new Error(`waited ${milliseconds} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
