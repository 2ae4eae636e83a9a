import type { AttachedStreams } from "../base/container_engine.ts";
import type { Context } from "./command.ts";
import { rawTerminal } from "./terminal.ts";

export interface PumpOptions {
  /** Give our stdin to the process. */
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  /** The signals that we get go to the process. */
  readonly sigProxy?: boolean;
  /** As the engine was told; its last key tells a detached stream from one whose process has ended. */
  readonly detachKeys?: string;
}

/**
 * Carries input and output between this program and a process until its output ends. If that may be because the user has
 * left a process that goes on, it says how: by the key that detaches, or with the terminal, which was closed.
 */
export async function pump(
  context: Context,
  streams: AttachedStreams,
  options: PumpOptions,
): Promise<"detached" | "hung up" | undefined> {
  using terminal = options.stdin && options.tty && context.stdin.isTerminal
    ? rawTerminal(options.sigProxy === true)
    : undefined;
  if (terminal !== undefined) await context.rawOutput?.();
  const last = lastKey(options.detachKeys);
  const input = options.stdin ? new InputPump(context, streams) : undefined;
  const { stdout = true, stderr = true } = options;
  for await (const { stream, data } of streams.output) {
    if (stream === "stdout") {
      if (stdout) await context.stdout.write(data);
    } else if (stderr) await context.stderr.write(data);
  }
  if (!options.tty || input === undefined) return undefined;
  if (input.ended) return "hung up";
  return last !== undefined && input.lastByte === last ? "detached" : undefined;
}

class InputPump {
  lastByte: number | undefined;
  ended = false;

  constructor(context: Context, streams: AttachedStreams) {
    // A process that no longer takes input is known by the end of its output; there is nobody else to tell.
    this.#run(context, streams).catch(() => {});
  }

  async #run(context: Context, streams: AttachedStreams): Promise<void> {
    try {
      for await (const data of context.stdin.readable) {
        this.lastByte = data.at(-1) ?? this.lastByte;
        await streams.write(data);
      }
    } finally { // a terminal that is closed gives an error and not an end
      this.ended = true;
      await streams.closeStdin();
    }
  }
}

/** The byte of the last of `ctrl-p,ctrl-q`; undefined if there are no such keys. */
function lastKey(keys = "ctrl-p,ctrl-q"): number | undefined {
  const key = keys.split(",").at(-1) ?? "";
  if (!key.startsWith("ctrl-")) return key.length === 1 ? key.charCodeAt(0) : undefined;
  return key.length === 6 ? key.toUpperCase().charCodeAt(5) & 0x1f : undefined;
}
