/** An engine with a state folder of its own, and commands that are shown as they are typed, with what they really print. */
import { type LeakBaseline, leakBaseline, leaks } from "../../tests/support/leaks.ts";
import { root } from "../source_files.ts";

const program = [
  Deno.execPath(),
  "run",
  "-A",
  "--quiet",
  "--no-check",
  "--config",
  `${root}deno.json`,
  `${root}main.ts`,
];

/** A command of the demo that did not end as it should. */
export class DemoFailed extends Error {
  override readonly name = "DemoFailed";
}

export class Stage implements AsyncDisposable {
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #started = Math.floor(Date.now() / 1000);
  readonly #signal: AbortSignal;
  readonly #baseline: LeakBaseline = leakBaseline();

  private constructor(folder: string, signal: AbortSignal) {
    this.folder = folder;
    this.#signal = signal;
    this.#env = { SAUROPOD_ROOT: `${folder}/root`, SAUROPOD_RUN: `${folder}/run`, SAUROPOD_HOST: "" };
  }

  static async open(signal: AbortSignal): Promise<Stage> {
    return new Stage(await Deno.makeTempDir({ prefix: "sauropod-demo-" }), signal);
  }

  /** Shows and runs one of our commands, which must end with `code`. */
  async sauropod(args: readonly string[], code = 0): Promise<void> {
    await this.#show(["sauropod", ...args].map(quoted).join(" "), [...program, ...args], code);
  }

  /** Shows and runs a command line on the host. */
  async host(line: string): Promise<void> {
    await this.#show(line, ["sh", "-c", line], 0);
  }

  /** Runs one of our commands without a word; its output. */
  async quietly(...args: string[]): Promise<string> {
    const [command = "", ...rest] = [...program, ...args];
    const { success, stdout, stderr } = await new Deno.Command(command, { args: rest, env: this.#env, stdin: "null" })
      .output();
    const text = new TextDecoder();
    if (!success) throw new DemoFailed(`sauropod ${args.join(" ")} failed: ${text.decode(stderr).trim()}`);
    return text.decode(stdout).trim();
  }

  /** Removes everything and looks whether anything is left; throws DemoFailed if so. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ids = await this.#endContainers();
    await this.quietly("engine", "stop");
    const left = await this.#leftovers(ids);
    await Deno.remove(this.folder, { recursive: true });
    if (left.length > 0) throw new DemoFailed(`The demo has left something behind: ${left.join(", ")}`);
  }

  /** Removes all containers; the ids of those that there have been, also of those that have removed themselves. */
  async #endContainers(): Promise<string[]> {
    const running = (await this.quietly("ps", "-aq")).split("\n").filter((id) => id !== "");
    if (running.length > 0) await this.quietly("rm", "-f", ...running);
    const until = Math.floor(Date.now() / 1000) + 1;
    const period = ["--since", String(this.#started), "--until", String(until)];
    const events = await this.quietly("events", ...period, "--filter", "event=create", "--format", "{{.ID}}");
    return events.split("\n").filter((id) => id !== "");
  }

  /** What is still there a second after the end. */
  async #leftovers(ids: readonly string[]): Promise<string[]> {
    for (const end = Date.now() + 1000;;) {
      const left = leaks(this.#baseline, this.folder).filter((leak) => this.#isOurs(leak, ids));
      if (left.length === 0 || Date.now() > end) return left;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** What other engines of the machine do meanwhile is none of our business. */
  #isOurs(leak: string, ids: readonly string[]): boolean {
    return leak.startsWith("process ") || leak.includes(this.folder) || ids.some((id) => leak.includes(id));
  }

  async #show(typed: string, command: readonly string[], code: number): Promise<void> {
    this.#signal.throwIfAborted();
    console.log(dim(`$ ${typed}`));
    const [first = "", ...args] = command;
    const { code: ended } = await new Deno.Command(first, {
      args,
      env: this.#env,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    this.#signal.throwIfAborted();
    if (code !== 0 && ended === code) console.log(dim(`(exit code ${code})`));
    if (ended !== code) throw new DemoFailed(`${typed} ended with ${ended} instead of ${code}`);
  }
}

/** A section's heading, and a sentence about what is to be seen. */
export function heading(title: string, text: string): void {
  console.log(`\n${bold(title)}\n${text}`);
}

/** As a user would have to type the word in a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const coloured = Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR");

function bold(text: string): string {
  return coloured ? `\x1b[1m${text}\x1b[0m` : text;
}

function dim(text: string): string {
  return coloured ? `\x1b[36m${text}\x1b[0m` : text;
}
