/** Running `iptables-restore` and `iptables-save`: the only programs that the engine executes, and it can do without. */
import { unavailable } from "../../base/errors.ts";
import type { Fd } from "../../sys/fd.ts";
import { withinNamespace } from "../../sys/namespace.ts";
import type { Family } from "./firewall_data.ts";

export interface CommandOptions {
  /** The network namespace to work in; the engine's own unless told. */
  readonly namespace?: Fd | undefined;
  /** Which of two installed iptables; the one that the administrator has chosen unless told. */
  readonly variant?: "nft" | "legacy" | undefined;
}

/** A lock of the tables that is not free by then has been forgotten by somebody. */
const LOCK_SECONDS = 10;
const TIMEOUT = 20_000;

/** The programs of one family. */
export class IptablesCommand {
  readonly #restore: string;
  readonly #save: string;
  readonly #namespace: Fd | undefined;

  private constructor(restore: string, save: string, namespace: Fd | undefined) {
    this.#restore = restore;
    this.#save = save;
    this.#namespace = namespace;
  }

  /** Undefined when they are not installed. */
  static find(family: Family, { namespace, variant }: CommandOptions): IptablesCommand | undefined {
    const name = `${family === 6 ? "ip6tables" : "iptables"}${variant === undefined ? "" : `-${variant}`}`;
    const restore = findProgram(`${name}-restore`), save = findProgram(`${name}-save`);
    return restore === undefined || save === undefined ? undefined : new IptablesCommand(restore, save, namespace);
  }

  /** All tables. @throws unavailable with what the program says */
  save(): Promise<string> {
    return this.#run(this.#save, [], "");
  }

  /** Applies `text` to what is there, each table in one transaction. @throws unavailable with what the program says */
  async restore(text: string): Promise<void> {
    await this.#run(this.#restore, ["--noflush", `--wait=${LOCK_SECONDS}`], text);
  }

  async #run(program: string, args: readonly string[], stdin: string): Promise<string> {
    const command = new Deno.Command(program, {
      args: [...args],
      env: { LC_ALL: "C" },
      stdin: stdin === "" ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    // The child gets the namespaces of the thread that forks, and that is this one (clone(2)).
    const child = this.#namespace === undefined
      ? command.spawn()
      : withinNamespace("net", this.#namespace, () => command.spawn());
    const [{ code, stdout, stderr }] = await Promise.all([
      child.output(),
      stdin === "" ? undefined : feed(child, stdin),
    ]);
    const text = new TextDecoder();
    if (code !== 0) {
      const said = text.decode(stderr).split("\n").filter((line) => line !== "" && !line.startsWith("Try `"));
      throw unavailable(`${program} ended with ${code}: ${said.slice(0, 4).join(" ")}`);
    }
    return text.decode(stdout);
  }
}

async function feed(child: Deno.ChildProcess, input: string): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch (error) {
    // It ended without reading to the end: its exit code says why.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** The administrator's folders are not on every PATH. */
function findProgram(name: string): string | undefined {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders.filter((folder) => folder.startsWith("/")).map((folder) => `${folder}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}
