/** The body of a request: read whole within a bound, or streamed. */
import type { IncomingMessage } from "node:http";
import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";

/** Bytes. A body beyond it is refused, never cut: what was checked must be what is done (CVE-2024-41110). */
const JSON_LIMIT = 4 << 20;

/** How much of the body of a request that has failed is taken before the answer; dockerd (net/http) takes as much. */
const REST_LIMIT = 256 << 10;
/** Milliseconds for which it is waited for. */
const REST_PATIENCE = 500;

/**
 * Reads the JSON body; undefined when there is none.
 * @throws `invalid` with dockerd's sentences: wrong Content-Type, too long, not JSON.
 */
export async function readJson(request: IncomingMessage, limit = JSON_LIMIT): Promise<unknown> {
  const length = request.headers["content-length"];
  const chunked = request.headers["transfer-encoding"] !== undefined;
  const type = request.headers["content-type"];
  const empty = !chunked && (length === undefined || Number(length) === 0);
  if (type !== undefined || !empty) requireJsonType(type);
  const body = await readBounded(request, limit);
  if (body.length === 0) return undefined;
  const text = new TextDecoder().decode(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`invalid JSON: ${syntaxError(text, String(error))}`);
  }
}

/** Reads and drops a short body, so that the bytes after it are the stream's. */
export async function skipBody(request: IncomingMessage): Promise<void> {
  await readBounded(request, JSON_LIMIT);
}

/**
 * Reads on and drops what is left of a body, unless it is long: a client that still sends looks for no answer, and with the
 * connection closed it would see a broken pipe in its place.
 */
export async function dropRest(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  const done = Promise.withResolvers<void>();
  const patience = setTimeout(done.resolve, REST_PATIENCE);
  let left = REST_LIMIT;
  request.on("data", (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) done.resolve();
  });
  for (const event of ["end", "error", "close"]) request.once(event, () => done.resolve());
  request.resume();
  await done.promise;
  clearTimeout(patience);
}

function requireJsonType(header: string | undefined): void {
  const type = header?.split(";")[0]?.trim().toLowerCase();
  if (!type) throw invalid(`malformed Content-Type header (${header ?? ""}): mime: no media type`);
  if (type === "application/json") return;
  throw invalid(`unsupported Content-Type header (${header}): must be 'application/json'`);
}

async function readBounded(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const tooLong = () => invalid(`request body is longer than ${limit} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLong();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > limit) throw tooLong();
    chunks.push(chunk);
  }
  if (chunks.length <= 1) return chunks[0] ?? new Uint8Array();
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

/** Go's words for it, without quoting the body: it may hold secrets. */
function syntaxError(text: string, v8: string): string {
  if (text.trim() === "") return "got EOF while reading request body";
  if (/Unexpected end|Unterminated|end of (JSON )?(input|data)/i.test(v8)) return "unexpected EOF";
  if (/Unexpected non-whitespace character after JSON/.test(v8)) return "unexpected content after JSON";
  const [, character] = /^SyntaxError: Unexpected token '(.)'/u.exec(v8) ?? [];
  return character === undefined
    ? "malformed value"
    : `invalid character '${character}' looking for beginning of value`;
}

/** So much of a body waits to be taken: to stop and go on for each piece takes longer than the piece. */
const AHEAD = 1 << 20;

/** The body as a stream that takes from the socket little more than what is asked for. */
export function bodyStream(request: IncomingMessage): ReadableStream<Bytes> {
  request.pause();
  let wanted = true; // a stream that was cancelled takes nothing, not even its end
  return new ReadableStream<Bytes>({
    start(controller) {
      request.on("data", (chunk: Bytes) => {
        if (!wanted) return;
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 0) <= 0) request.pause();
      });
      request.once("end", () => wanted && controller.close());
      const gone = (options?: ErrorOptions) =>
        controller.error(invalid("the client went away before the end of the request body", options));
      request.once("error", (cause) => gone({ cause }));
      request.once("close", () => {
        if (wanted && !request.complete) gone();
      });
      request.pause();
    },
    pull: () => void request.resume(),
    cancel() {
      wanted = false;
      request.resume(); // the rest is read and dropped
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: AHEAD }));
}
