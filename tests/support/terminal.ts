/** A true terminal, seen from outside: a user who types, reads, changes the window and looks at the line settings. */
import { TextLineStream } from "./text_lines.ts";

const script = new URL("./terminal.py", import.meta.url).pathname;

export interface TerminalOptions {
  readonly rows?: number;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

type Report = { readonly pid: number } | { readonly output: string } | { readonly settings: string } | {
  readonly exit: number;
};

/** A command on a pty of its own; on disposal it gets SIGHUP, as when the window is closed. */
export class Terminal implements AsyncDisposable {
  /** All that was printed, line ends as the terminal gets them (CR LF). */
  screen = "";
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #settings: string[] = [];
  #exit: number | undefined;
  #pid: number | undefined;

  constructor(command: readonly string[], { rows = 24, columns = 80, env }: TerminalOptions = {}) {
    this.#child = new Deno.Command("python3", {
      args: [script, String(rows), String(columns), ...command],
      ...env !== undefined && { env: { ...env } },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** The process id of the command. */
  async pid(): Promise<number> {
    await this.#until("the command runs", () => this.#pid !== undefined, 10_000);
    return this.#pid ?? -1;
  }

  /** Types `text`; control keys as their bytes: `\x03` for Ctrl-C. */
  async type(text: string): Promise<void> {
    await this.#tell({ send: text });
  }

  async resize(rows: number, columns: number): Promise<void> {
    await this.#tell({ size: [rows, columns] });
  }

  /** Sends a signal to the command, and to it alone. */
  async signal(name: string): Promise<void> {
    await this.#tell({ signal: name });
  }

  /** The line settings as `stty -a` prints them, without size; after the end those that the command has left. */
  async settings(): Promise<string> {
    if (this.#exit === undefined) {
      const before = this.#settings.length;
      await this.#tell({ settings: true });
      await this.#until("the settings are told", () => this.#settings.length > before, 10_000);
    }
    return this.#settings.at(-1)?.replace(/rows \d+; columns \d+; /, "") ?? "";
  }

  /** Waits until `text` (or something like it) was printed, since `from` if given; throws with what was. */
  async shows(text: string | RegExp, from = 0, milliseconds = 10_000): Promise<RegExpExecArray> {
    const pattern = typeof text === "string" ? new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")) : text;
    const find = () => pattern.exec(this.screen.slice(from));
    await this.#until(`the terminal shows ${pattern}`, () => find() !== null, milliseconds);
    const match = find();
    if (match === null) throw new Error("what was shown is gone");
    return match;
  }

  /** The exit code of the command. */
  async exit(milliseconds = 10_000): Promise<number> {
    await this.#until("the command ends", () => this.#exit !== undefined, milliseconds);
    return this.#exit ?? -1;
  }

  async #tell(message: unknown): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }

  async #read(): Promise<void> {
    const lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines) {
      const report: Report = JSON.parse(line);
      if ("pid" in report) this.#pid = report.pid;
      else if ("output" in report) this.screen += report.output;
      else if ("settings" in report) this.#settings.push(report.settings);
      else this.#exit = report.exit;
      for (const look of this.#waiting) look();
    }
  }

  async #until(what: string, condition: () => boolean, milliseconds: number): Promise<void> {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => condition() && resolve();
    this.#waiting.add(look);
    const fail = () => reject(new Error(`waited ${milliseconds} ms in vain until ${what}; it shows:\n${this.screen}`));
    const timer = setTimeout(fail, milliseconds);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit === undefined) this.#child.kill("SIGKILL"); // the master closes: SIGHUP for the command
    await this.#writer.close().catch(() => {});
    await this.#child.status;
    await this.#reading;
  }
}
