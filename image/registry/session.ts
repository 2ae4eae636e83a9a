/** A conversation with one registry about one repository: who answers, with which credentials. */
import type { Bytes, RegistryAuth } from "../../base/container_engine.ts";
import { invalid, unavailable } from "../../base/errors.ts";
import { Authorization } from "./authorization.ts";
import type { Endpoint, RegistrySettings } from "./endpoint.ts";
import { errorOfAnswer, PassingError } from "./registry_error.ts";
import { withRetries } from "./retry.ts";
import { Stall } from "./stall.ts";
import { type Answer, type HttpCall, reasonOf, shown, Transport, withoutCredentials } from "./transport.ts";

/** Bytes that are read at once. */
const PIECE = 256 << 10;

export interface SessionCall extends Omit<Partial<HttpCall>, "signal"> {
  /** Beside what the session may do: for a mount from another repository. */
  readonly scopes?: readonly string[];
  /** An answer with one of these is no error. */
  readonly accept?: readonly number[];
  /** Not tried again here: the caller does that, or the body cannot be had twice. */
  readonly once?: boolean;
}

export class RegistrySession implements Disposable {
  readonly repository: string;
  readonly signal: AbortSignal;
  readonly delay: number;
  readonly #base: string;
  readonly #scopes: readonly string[];
  readonly #transport: Transport;
  readonly #authorization: Authorization;

  private constructor(
    base: string,
    repository: string,
    scopes: readonly string[],
    transport: Transport,
    authorization: Authorization,
    delay: number,
    signal: AbortSignal,
  ) {
    this.#base = base;
    this.repository = repository;
    this.#scopes = scopes;
    this.#transport = transport;
    this.#authorization = authorization;
    this.delay = delay;
    this.signal = signal;
  }

  /** Finds out how the registry answers (https, or http where that is allowed) and what it wants to see. */
  static async open(
    endpoint: Endpoint,
    settings: RegistrySettings,
    { repository, actions, auth = {}, signal }: {
      readonly repository: string;
      /** `pull`, `pull,push`; empty: nothing but to be let in. */
      readonly actions: string;
      readonly auth?: RegistryAuth | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<RegistrySession> {
    using undo = new DisposableStack();
    const transport = undo.use(new Transport(endpoint, settings));
    const { scheme, response } = await withRetries({ delay: settings.retryDelay, signal }, () => {
      return ping(transport, endpoint, signal);
    });
    const scopes = actions === "" ? [] : [`repository:${repository}:${actions}`];
    const authorization = new Authorization(transport, endpoint.mirror ? {} : auth, scheme === "http");
    if (response.status === 401) authorization.learn(response, scopes);
    await response.body?.cancel();
    undo.move();
    const base = `${scheme}://${endpoint.host}${endpoint.prefix}/v2/`;
    return new RegistrySession(base, repository, scopes, transport, authorization, settings.retryDelay, signal);
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }

  /** The same conversation for another who may give up at another time; each is disposed of. */
  until(signal: AbortSignal): RegistrySession {
    const [transport, authorization] = [this.#transport.shared(), this.#authorization];
    return new RegistrySession(this.#base, this.repository, this.#scopes, transport, authorization, this.delay, signal);
  }

  /** The host that answers, as errors name it. */
  get host(): string {
    return new URL(this.#base).host;
  }

  /** Of something in the repository: `manifests/latest`. */
  url(path: string): URL {
    return new URL(`${this.#base}${this.repository}/${path}`);
  }

  /** `/v2/` itself. */
  get root(): URL {
    return new URL(this.#base);
  }

  /** Sends a request until there is an answer that means something. @throws `StatusError` when it is a refusal */
  async call(url: URL, call: SessionCall = {}): Promise<Answer> {
    if (call.once) return await this.#authorized(url, call);
    return await withRetries({ delay: this.delay, signal: this.signal }, () => this.#authorized(url, call));
  }

  /** The whole body of an answer. @throws invalid when it is larger than `limit` */
  async read({ response, url }: Answer, limit: number, what: string): Promise<Bytes> {
    const pieces: Bytes[] = [];
    let length = 0;
    for await (const piece of this.pieces({ response, url })) {
      length += piece.length;
      if (length > limit) throw invalid(`${what} has more than ${limit} bytes`);
      pieces.push(piece.slice());
    }
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  }

  /**
   * The body as it comes, in pieces of at most 256 KiB. Each is good until the next is asked for: its memory is used
   * again, since V8 lets 32 MB of buffers pile up before it looks which are needed.
   * @throws `PassingError` when the connection breaks, or nothing comes
   */
  async *pieces({ response, url }: Answer): AsyncGenerator<Bytes> {
    if (response.body === null) return;
    const reader = response.body.getReader({ mode: "byob" });
    let memory = new ArrayBuffer(PIECE);
    using stall = new Stall(this.signal);
    const stop = () => void reader.cancel(stall.signal.reason).catch(() => {});
    stall.signal.addEventListener("abort", stop, { once: true });
    try {
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(memory));
        this.signal.throwIfAborted();
        if (stall.signal.aborted) throw stall.signal.reason;
        if (done) return;
        stall.moved();
        yield value;
        memory = value.buffer;
      }
    } catch (error) {
      this.signal.throwIfAborted();
      throw error instanceof PassingError ? error : new PassingError(`${shown("GET", url)}: ${reasonOf(error)}`);
    } finally {
      stall.signal.removeEventListener("abort", stop);
      await reader.cancel().catch(() => {});
    }
  }

  /** With which to come again instead of a password, if the registry gives such. */
  refreshToken(): Promise<string | undefined> {
    return this.#authorization.refreshToken(this.signal);
  }

  async #authorized(url: URL, { scopes = [], accept = [], ...call }: SessionCall): Promise<Answer> {
    const wanted = [...this.#scopes, ...scopes];
    const method = call.method ?? "GET";
    for (let attempt = 1;; attempt++) {
      const authorization = url.origin === this.root.origin
        ? await this.#authorization.header(wanted, this.signal)
        : undefined;
      const headers = { ...withoutCredentials(call.headers ?? {}), ...authorization && { authorization } };
      const answer = await this.#transport.send(url, { ...call, method, headers, signal: this.signal });
      const { response } = answer;
      if (response.ok || accept.includes(response.status)) return answer;
      const again = response.status === 401 && attempt === 1 && answer.url.origin === this.root.origin &&
        !(call.body instanceof ReadableStream) && this.#authorization.learn(response, wanted);
      if (!again) throw await errorOfAnswer(response, shown(method, answer.url));
      await response.body?.cancel();
    }
  }
}

/** The first of the schemes that is spoken there. */
async function ping(
  transport: Transport,
  { host, prefix, schemes }: Endpoint,
  signal: AbortSignal,
): Promise<{ scheme: "https" | "http"; response: Response }> {
  const failures: unknown[] = [];
  for (const scheme of schemes) {
    const url = new URL(`${scheme}://${host}${prefix}/v2/`);
    let response: Response;
    try {
      ({ response } = await transport.send(url, { method: "GET", headers: {}, signal }));
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
      continue;
    }
    if (response.ok || response.status === 401) return { scheme, response };
    if (response.status === 404) return { scheme, response }; // some have nothing there and answer below
    throw await errorOfAnswer(response, shown("GET", url));
  }
  throw unreachable(failures.at(-1));
}

/** Nobody there, or nobody that we believe: that does not pass by itself. */
function unreachable(error: unknown): unknown {
  return error instanceof PassingError ? unavailable(error.message) : error;
}
