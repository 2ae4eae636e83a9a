import type { Bytes } from "../../base/container_engine.ts";
import type { HttpCall } from "./transport.ts";

/**
 * https to an insecure registry, whose certificate nobody has signed: `fetch` cannot do without one, Node's client can.
 * Loaded when the first such registry is met.
 */
export async function fetchUnverified(url: URL, { method, headers, body, signal }: HttpCall): Promise<Response> {
  const [{ request }, { Readable }] = await Promise.all([import("node:https"), import("node:stream")]);
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const call = request(url, { method, headers: { ...headers }, rejectUnauthorized: false, agent: false });
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
    const stream = empty ? null : ReadableStream.from<Bytes>(answer);
    resolve(new Response(stream, { status, statusText: answer.statusMessage ?? "", headers: list }));
  });
  if (body === undefined) call.end();
  else if (body instanceof ReadableStream) Readable.from(body).once("error", reject).pipe(call);
  else call.end(body);
  return await promise;
}
