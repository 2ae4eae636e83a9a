/** Runs a command of the CLI against an engine of which only what the test needs is there. */
import type { Bytes, ContainerEngine } from "../../base/container_engine.ts";

import type { Command, Context, Output } from "../command.ts";
import { parseFlags } from "../flags.ts";

type Parts = {
  readonly [P in "containers" | "images" | "networks" | "system" | "volumes"]?: Partial<ContainerEngine[P]>;
};

export interface RunOptions {
  readonly stdin?: string;
  /** stdin, stdout and stderr are a terminal. */
  readonly terminal?: boolean;
  /** Called after something has been printed on stdout. */
  readonly onPrint?: () => void;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command prints, and its exit code; what it throws is thrown. */
export async function run(
  command: Command,
  parts: Parts,
  line: readonly string[],
  { stdin = "", terminal = false, onPrint }: RunOptions = {},
): Promise<RunResult> {
  const { values, args } = parseFlags(command.flags, line, command.interspersed ?? true);
  const [out, err] = [new Captured(terminal, onPrint), new Captured(terminal)];
  const context: Context = {
    // A part or method that a test did not give is not there: calling it fails the test.
    engine: {
      containers: {},
      images: {},
      networks: {},
      system: {},
      volumes: {},
      ...parts,
    } as unknown as ContainerEngine,
    settings: { root: "/nowhere", runDir: "/nowhere", socket: "/nowhere/socket" },
    stdin: { isTerminal: terminal, readable: new Blob([stdin]).stream() },
    stdout: out,
    stderr: err,
    env: () => undefined,
    invocation: "sauropod test",
  };
  return { code: await command.run(context, values, args), stdout: out.text, stderr: err.text };
}

class Captured implements Output {
  text = "";
  readonly isTerminal: boolean;

  readonly #onPrint: (() => void) | undefined;

  constructor(isTerminal: boolean, onPrint?: () => void) {
    this.isTerminal = isTerminal;
    this.#onPrint = onPrint;
  }

  print(text: string): void {
    this.text += text;
    this.#onPrint?.();
  }

  write(data: Bytes): Promise<void> {
    this.text += new TextDecoder().decode(data);
    return Promise.resolve();
  }
}
