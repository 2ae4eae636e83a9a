/** The plain answers: a JSON value, nothing, lines of JSON, bytes. */
import type { ServerResponse } from "node:http";
import type { Exchange } from "./exchange.ts";

export function sendJson({ response }: Exchange, value: unknown, status = 200): void {
  writeJson(response, value, status);
}

export function writeJson(response: ServerResponse, value: unknown, status: number): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

/** Nothing but a status: 204 unless told, which has no body by definition. */
export function sendNothing({ response }: Exchange, status = 204): void {
  response.writeHead(status, status === 204 || status === 304 ? {} : { "Content-Length": 0 });
  response.end();
}

/**
 * Writes each value as a line of JSON, at the pace at which the client reads. The first value is asked for before the
 * headers go out: whoever sees them can rely on the source being there, and a failure until then becomes a status.
 */
export async function sendLines(
  exchange: Exchange,
  values: AsyncIterable<unknown>,
  { flush = false }: { flush?: boolean } = {},
): Promise<void> {
  const { response } = exchange;
  const iterator = values[Symbol.asyncIterator]();
  response.setHeader("Content-Type", "application/json");
  const first = iterator.next();
  if (flush) {
    await settledSoon(first);
    response.flushHeaders();
  }
  await writeAll(exchange, iterator, first, (value) => `${JSON.stringify(value)}\r\n`);
}

/** Writes the stream as the body. A failure on the way cuts the connection: the client must not take it for complete. */
export async function sendBytes(exchange: Exchange, bytes: ReadableStream<Uint8Array>, type: string): Promise<void> {
  exchange.response.setHeader("Content-Type", type);
  const iterator = bytes[Symbol.asyncIterator]();
  await writeAll(exchange, iterator, iterator.next(), (chunk) => chunk);
}

/** Throws what `promise` has already failed with, and does not wait for it beyond one turn of the event loop. */
export async function settledSoon(promise: Promise<unknown>): Promise<void> {
  const turn = Promise.withResolvers<void>();
  setTimeout(turn.resolve, 0);
  await Promise.race([promise, turn.promise]);
}

async function writeAll<T>(
  { response, signal }: Exchange,
  iterator: AsyncIterator<T>,
  first: Promise<IteratorResult<T>>,
  encode: (value: T) => string | Uint8Array,
): Promise<void> {
  try {
    for (let next = await first; !next.done && !signal.aborted; next = await iterator.next()) {
      if (!response.write(encode(next.value)) && !signal.aborted) await drained(response);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (signal.aborted) iterator.return?.()?.catch(() => {}); // the client is gone, whom should it be told?
  }
  response.end();
}

/** Settles when more can be written, or nothing ever again. */
export function drained(
  stream: { once(e: "drain" | "close", f: () => void): unknown; off(e: "drain" | "close", f: () => void): unknown },
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.once("drain", done);
    stream.once("close", done);
  });
}
