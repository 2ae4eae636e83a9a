/** A container whose streams are this program's: what `run`, `start -a` and `attach` do after they are attached. */
import type { AttachedStreams } from "../base/container_engine.ts";
import type { WaitResult } from "../base/docker/container.ts";
import { describeError } from "../base/errors.ts";
import type { Context } from "./command.ts";
import { pump, type PumpOptions } from "./pump.ts";
import { followSize } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Carries the streams until they end and gives the exit code of the container, or 0 when the user has detached from it.
 */
export async function foreground(
  context: Context,
  id: string,
  streams: AttachedStreams,
  ended: Promise<WaitResult>,
  options: PumpOptions,
): Promise<number> {
  const { engine, stdout, stderr } = context;
  using _size = options.tty && stdout.isTerminal ? followSize((size) => engine.containers.resize(id, size)) : undefined;
  const left = await pump(context, streams, options);
  if (left !== undefined && await runs(context, id)) {
    if (left === "detached") stderr.print("read escape sequence\n");
    return 0;
  }
  return await exitCode(ended);
}

/** @throws UsageError 125 when the end of the container could not be learned. */
export async function exitCode(ended: Promise<WaitResult>): Promise<number> {
  try {
    const { StatusCode, Error: failure } = await ended;
    if (failure?.Message) throw new UsageError(`Error waiting for container: ${failure.Message}`, 125, false);
    return StatusCode;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Error waiting for container: ${describeError(error)}`, 125, false);
  }
}

async function runs({ engine }: Context, id: string): Promise<boolean> {
  return await engine.containers.inspect(id).then(({ State }) => State.Running, () => false);
}
