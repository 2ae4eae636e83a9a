/** The answer to `GET /containers/{id}/logs`. */
import type { OutputFrame } from "../base/container_engine.ts";
import type { Exchange } from "./exchange.ts";
import { encodeFrames } from "../base/frames.ts";
import { drained } from "./respond.ts";

/** Bytes that are gathered before they are written: a write for each line would cost ten times the line. */
const BATCH = 64 << 10;

/**
 * Writes the frames at the client's pace and ends the answer. What comes in one turn of the event loop is written
 * together, so a line that is followed waits for no other.
 */
export async function writeLog(
  { response, signal }: Exchange,
  iterator: AsyncIterator<OutputFrame>,
  first: Promise<IteratorResult<OutputFrame>>,
  headers: boolean,
): Promise<void> {
  let pending: OutputFrame[] = [], size = 0, timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length > 0 && !signal.aborted) response.write(encodeFrames(pending, headers));
    [pending, size] = [[], 0];
  };
  try {
    for (let next = await first; !next.done && !signal.aborted; next = await iterator.next()) {
      pending.push(next.value);
      size += next.value.data.length;
      if (size >= BATCH) flush();
      else timer ??= setTimeout(flush, 0);
      if (response.writableNeedDrain && !signal.aborted) await drained(response);
    }
    flush();
    response.end();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    if (signal.aborted) iterator.return?.()?.catch(() => {});
  }
}
