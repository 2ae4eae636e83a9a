/** HTTP to one registry: its certificates, redirects, silence. What passes by itself is a `PassingError`. */
import type { Bytes } from "../../base/container_engine.ts";
import { EngineError, unavailable } from "../../base/errors.ts";
import { version } from "../../base/version.ts";
import { certificatesFor } from "./certificates.ts";
import { type Endpoint, hostName, isLoopback, type RegistrySettings } from "./endpoint.ts";
import { PassingError } from "./registry_error.ts";
import { Stall } from "./stall.ts";
import { fetchByNode, type Trust } from "./node_https.ts";

export interface HttpCall {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Bytes | ReadableStream<Bytes> | undefined;
  readonly signal: AbortSignal;
}

/** An answer, and where it came from in the end. */
export interface Answer {
  readonly response: Response;
  readonly url: URL;
}

const MOST_REDIRECTS = 10;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** The connections to one registry, and to where it sends us. */
export class Transport implements Disposable {
  readonly #endpoint: Endpoint;
  readonly #settings: RegistrySettings;
  #client: Deno.HttpClient | undefined;
  #users = 1;
  /** Set where `fetch` would not believe the registry. */
  #trust: Trust | undefined;

  constructor(endpoint: Endpoint, settings: RegistrySettings) {
    this.#endpoint = endpoint;
    this.#settings = settings;
    if (endpoint.unverified) this.#trust = { rejectUnauthorized: false };
  }

  /** Sends a request; a redirect is followed if it can be repeated. Credentials stay with their origin. */
  async send(url: URL, call: HttpCall): Promise<Answer> {
    let [target, headers] = [url, call.headers];
    for (let hops = 0;; hops++) {
      const response = await this.#once(target, { ...call, headers });
      const location = response.headers.get("location");
      const follow = REDIRECTS.includes(response.status) && (call.method === "GET" || call.method === "HEAD");
      if (!follow || location === null) return { response, url: target };
      await response.body?.cancel();
      const next = new URL(location, target);
      if (hops === MOST_REDIRECTS) throw unavailable(`${shown(call.method, url)}: stopped after ${hops} redirects`);
      this.#checkRedirect(target, next);
      if (next.origin !== target.origin) headers = withoutCredentials(headers);
      target = next;
    }
  }

  /** One more has it, and will dispose of it. */
  shared(): this {
    this.#users++;
    return this;
  }

  [Symbol.dispose](): void {
    if (--this.#users === 0) this.#client?.close();
  }

  #checkRedirect(from: URL, to: URL): void {
    const known = to.protocol === "https:" || to.protocol === "http:";
    if (known && (to.protocol === "https:" || from.protocol === "http:" || this.#endpoint.unverified)) return;
    throw unavailable(`${from.host} redirects to ${to.protocol}//${to.host}, which is not encrypted`);
  }

  async #once(url: URL, call: HttpCall): Promise<Response> {
    using stall = new Stall(call.signal);
    const headers = {
      "accept-encoding": "identity", // digests are of the bytes as they are kept
      "user-agent": `sauropod/${version}`,
      ...call.headers,
    };
    const body = call.body instanceof ReadableStream ? watched(call.body, stall) : call.body;
    try {
      const plain = { ...call, headers, body, signal: stall.signal };
      const trust = url.protocol === "https:" && isSameHost(url, this.#endpoint) ? this.#trust : undefined;
      return trust === undefined ? await this.#fetch(url, plain) : await fetchByNode(url, plain, trust);
    } catch (error) {
      call.signal.throwIfAborted();
      if (this.#isOwnAuthority(error)) return await this.#once(url, call);
      throw error instanceof EngineError ? error : new PassingError(`${shown(call.method, url)}: ${reasonOf(error)}`);
    }
  }

  /** The registry shows the very certificate that `certs.d` has as an authority. From now on Node's client is used. */
  #isOwnAuthority(error: unknown): boolean {
    const { own } = certificatesFor(this.#endpoint.host, this.#settings.certificates);
    if (this.#trust !== undefined || own.length === 0 || !/CaUsedAsEndEntity/.test(reasonOf(error))) return false;
    this.#trust = { ca: own };
    return true;
  }

  async #fetch(url: URL, { method, headers, body, signal }: HttpCall): Promise<Response> {
    if (this.#client === undefined) this.#client = openClient(this.#endpoint.host, this.#settings.certificates);
    const init: RequestInit & { client: Deno.HttpClient } = {
      method,
      headers: { ...headers },
      signal,
      redirect: "manual",
      client: this.#client,
      ...body !== undefined && { body },
    };
    return await fetch(url, init);
  }
}

function openClient(host: string, folders: readonly string[]): Deno.HttpClient {
  if (isLoopback(hostName(host))) spareLoopback();
  const { authorities, client } = certificatesFor(host, folders);
  return Deno.createHttpClient({
    caCerts: [...authorities],
    ...client !== undefined && { cert: client.certificate, key: client.key },
  });
}

/** Go's clients ask no proxy for this machine; Deno's, which reads the same variables, would. */
function spareLoopback(): void {
  const set = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
  if (set.every((name) => !Deno.env.get(name))) return;
  const [name = "NO_PROXY"] = ["no_proxy", "NO_PROXY"].filter((name) => Deno.env.get(name));
  const known = (Deno.env.get(name) ?? "").split(",").filter((one) => one !== "");
  const missing = ["localhost", "127.0.0.0/8", "::1"].filter((one) => !known.includes(one));
  if (missing.length > 0) Deno.env.set(name, [...known, ...missing].join(","));
}

/** A request as an error shows it, in the form of Go's. A query may hold what lets one in, and stays away. */
export function shown(method: string, url: URL): string {
  return `${method.slice(0, 1)}${method.slice(1).toLowerCase()} "${url.origin}${url.pathname}"`;
}

export function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"));
}

function isSameHost(url: URL, { host }: Endpoint): boolean {
  return url.host === new URL(`https://${host}`).host;
}

/** Why a fetch failed, without the URL that Deno puts before it. */
export function reasonOf(error: unknown): string {
  let reason = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  const text = reason instanceof Error ? reason.message : String(reason);
  return text.replace(/^error sending request( from \S+)? for url \(.*?\)( \([^)]*\))?: ?/, "")
    .replace(/^client error \(\w+\): ?/, "") || "the connection failed";
}

function watched(body: ReadableStream<Bytes>, stall: Stall): ReadableStream<Bytes> {
  return body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        stall.moved();
        controller.enqueue(chunk);
      },
    }),
  );
}
