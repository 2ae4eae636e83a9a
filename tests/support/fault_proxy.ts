/** Stands before a registry and does to its answers what networks and bad registries do. */
import { TestRegistry } from "./registry.ts";

export type Fault =
  /** The connection breaks after so many bytes of the body. */
  | { readonly dropAfter: number }
  /** Another answer instead. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The bytes are not what they were. */
  | { readonly change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> }
  /** The whole is given where a part was asked for. */
  | { readonly ignoreRange: true }
  /** Milliseconds before the answer. */
  | { readonly delay: number }
  /** The body comes in pieces of so many bytes, a millisecond apart. */
  | { readonly trickle: number }
  /** Somewhere else, by a redirect. */
  | { readonly redirect: string };

/** Says what happens to a request; `times` is how often this very URL was asked for before. */
export type Faults = (request: Request, times: number) => Fault | undefined;

export class FaultProxy implements AsyncDisposable {
  readonly host: string;
  /** All requests that came: method, path, range. */
  readonly seen: string[] = [];
  readonly headers: Headers[] = [];
  /** So many blobs were asked for at the same time. */
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #times = new Map<string, number>();
  /** Of its own, so that what a test sets in the environment later does not count. */
  readonly #client = Deno.createHttpClient({});

  constructor(registry: TestRegistry | { host: string }, faults: Faults) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const url = new URL(request.url);
      const range = request.headers.get("range");
      this.seen.push(`${request.method} ${url.pathname}${range === null ? "" : ` ${range}`}`);
      this.headers.push(request.headers);
      const key = `${request.method} ${url.pathname}`;
      const times = this.#times.get(key) ?? 0;
      this.#times.set(key, times + 1);
      const target = `http://${registry.host}${url.pathname}${url.search}`;
      using _counted = this.#counted(request);
      return await answer(this.#client, request, target, faults(request, times));
    });
    this.host = `127.0.0.1:${this.#server.addr.port}`;
  }

  #counted({ method, url }: Request): Disposable {
    const by = method === "GET" && url.includes("/blobs/") ? 1 : 0;
    this.#atOnce += by;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    return { [Symbol.dispose]: () => void (this.#atOnce -= by) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.#client.close();
  }
}

async function answer(
  client: Deno.HttpClient,
  request: Request,
  target: string,
  fault: Fault | undefined,
): Promise<Response> {
  if (fault !== undefined && "status" in fault) {
    await request.body?.cancel();
    return new Response(fault.body ?? "", { status: fault.status, headers: { ...fault.headers } });
  }
  if (fault !== undefined && "redirect" in fault) {
    return new Response(null, { status: 307, headers: { location: fault.redirect } });
  }
  if (fault !== undefined && "delay" in fault) await new Promise((resolve) => setTimeout(resolve, fault.delay));
  const headers = new Headers(request.headers);
  if (fault !== undefined && "ignoreRange" in fault) headers.delete("range");
  const { method } = request;
  const response = await fetch(target, {
    method,
    headers,
    redirect: "manual",
    client,
    ...request.body !== null && { body: request.body },
  });
  const location = response.headers.get("location");
  const sent = new Headers(response.headers);
  // The registry names itself; an upload must come through here.
  if (location !== null) sent.set("location", location.replace(new URL(target).origin, new URL(request.url).origin));
  const init = { status: response.status, headers: sent };
  if (fault !== undefined && "dropAfter" in fault) {
    return new Response(response.body && broken(response.body, fault.dropAfter), init);
  }
  if (fault !== undefined && "trickle" in fault) {
    return new Response(response.body && trickling(response.body, fault.trickle), init);
  }
  if (fault !== undefined && "change" in fault) {
    const bytes = fault.change(new Uint8Array(await response.arrayBuffer()));
    sent.set("content-length", String(bytes.length));
    return new Response(bytes, { ...init, headers: sent });
  }
  return new Response(response.body, init);
}

function broken(body: ReadableStream<Uint8Array<ArrayBuffer>>, after: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = after;
  return body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= Math.min(left, chunk.length);
        if (left === 0) controller.terminate(); // short of its length: the server hangs up
      },
    }),
  );
}

function trickling(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return body.pipeThrough(
    new TransformStream({
      async transform(chunk, controller) {
        for (let at = 0; at < chunk.length; at += size) {
          controller.enqueue(chunk.slice(at, at + size));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      },
    }),
  );
}
