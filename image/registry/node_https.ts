import type { Bytes } from "../../base/container_engine.ts";
import type { HttpCall } from "./transport.ts";

/** Whom to believe: anybody, or those that have signed with one of these (PEM), who may have signed themselves. */
export type Trust = { readonly rejectUnauthorized: false } | { readonly ca: readonly string[] };

/**
 * https as `fetch` cannot do it: to an insecure registry, and to one whose certificate is its own authority, as
 * docker's manual has them made (rustls: CaUsedAsEndEntity). Loaded when the first such registry is met.
 */
export async function fetchByNode(
  url: URL,
  { method, headers, body, signal }: HttpCall,
  trust: Trust,
): Promise<Response> {
  const [{ request }, { Readable }] = await Promise.all([import("node:https"), import("node:stream")]);
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const call = request(url, { method, headers: { ...headers }, ...options(trust), agent: false });
  const stop = () => call.destroy(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  call.once("close", () => signal.removeEventListener("abort", stop));
  call.once("error", reject);
  call.once("response", (answer) => {
    const status = answer.statusCode ?? 0;
    const list = Object.entries(answer.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one])
    );
    const empty = method === "HEAD" || status === 204 || status === 304;
    if (empty) answer.resume();
    const stream = empty ? null : byteStream(answer);
    resolve(new Response(stream, { status, statusText: answer.statusMessage ?? "", headers: list }));
  });
  if (body === undefined) call.end();
  else if (body instanceof ReadableStream) Readable.from(body).once("error", reject).pipe(call);
  else call.end(body);
  return await promise;
}

/** With a reader that brings its own memory, as the body of `fetch` is. */
function byteStream(source: AsyncIterable<Bytes>): ReadableStream<Bytes> {
  const pieces = source[Symbol.asyncIterator]();
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (!done) return controller.enqueue(new Uint8Array(value)); // it is taken away, and may be a part of Node's pool
      controller.close();
      controller.byobRequest?.respond(0);
    },
    async cancel() {
      await pieces.return?.();
    },
  });
}

function options(trust: Trust): { rejectUnauthorized: false } | { ca: string[] } {
  return "ca" in trust ? { ca: [...trust.ca] } : trust;
}
