/**
 * A small HTTP/1.1 client for one Unix socket: one write per request, connections kept for the next one, streaming bodies
 * both ways, and `Upgrade: tcp`. Not `fetch`: it can neither upgrade nor half-close, and costs more at the start.
 */
import type { Bytes } from "../../base/container_engine.ts";
import { forbidden, internal, unavailable } from "../../base/errors.ts";
import { type BodyFraming, bodyFraming } from "./body.ts";
import { Connection, type ResponseHead } from "./connection.ts";
import { errorOfStatus } from "./error_of_status.ts";

/** Servers close idle connections after some seconds (node:http: 5): one older than this might die under a request. */
const longestIdle = 2000;

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** With the query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent in chunks. */
  readonly stream?: ReadableStream<Bytes>;
  readonly contentType?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Ask for a raw connection. */
  readonly upgrade?: boolean;
}

/** An answer below 300. Its body must be read to the end, or the answer disposed of. */
export interface HttpResponse extends Disposable {
  readonly head: ResponseHead;
  readonly body: AsyncIterable<Bytes>;
  text(): Promise<string>;
  json(): Promise<unknown>;
}

/** A connection that has become the raw stream of a process. */
export interface HijackedConnection {
  readonly head: ResponseHead;
  readonly connection: Connection;
}

export class HttpClient {
  readonly #socket: string;
  readonly #start: (() => Promise<void>) | undefined;
  readonly #idle: { connection: Connection; since: number }[] = [];
  #answered = false;

  /** `start` is called when nobody listens on the socket; it settles when somebody does. */
  constructor(socket: string, start?: () => Promise<void>) {
    this.#socket = socket;
    this.#start = start;
  }

  /** @throws EngineError with the class of the engine's status and its sentence. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const { head, connection, upload } = await this.#exchange(request);
    const framing = bodyFraming(request.method, head);
    const response = new Response(head, framing, connection, request.signal, () => this.#release(connection, upload));
    if (head.status >= 200 && head.status < 300) return response;
    throw errorOfStatus(head.status, head.reason, await response.text());
  }

  /** Asks for the raw stream behind `path`. @throws EngineError as `request`. */
  async hijack(request: HttpRequest): Promise<HijackedConnection> {
    const { head, connection } = await this.#exchange({ ...request, upgrade: true });
    // Engines of old answer 200 and go on with raw bytes all the same.
    if (head.status === 101 || head.status === 200) return { head, connection };
    const response = new Response(head, bodyFraming(request.method, head), connection, undefined, () => {});
    throw errorOfStatus(head.status, head.reason, await response.text());
  }

  close(): void {
    for (const { connection } of this.#idle.splice(0)) connection.close();
  }

  async #exchange(
    request: HttpRequest,
  ): Promise<{ head: ResponseHead; connection: Connection; upload: Promise<void> | undefined }> {
    for (let attempt = 1;; attempt++) {
      request.signal?.throwIfAborted();
      const connection = this.#takeIdle() ?? await this.#open();
      const abort = () => connection.close();
      request.signal?.addEventListener("abort", abort, { once: true });
      try {
        const upload = this.#send(connection, request);
        const head = await this.#readHead(connection, upload);
        if (typeof head !== "string") {
          this.#answered = true;
          return { head, connection, upload: request.stream === undefined ? undefined : upload };
        }
        connection.close();
        // An engine that was just leaving may accept a connection and hang up: it is asked again, by a new connection.
        // Unless it has read what it was to do: then part of that may be done.
        const harmless = head === "unread" || request.method === "GET" || request.method === "HEAD";
        if (attempt === 1 && !this.#answered && harmless && request.stream === undefined) continue;
        throw unavailable("the engine hung up without an answer");
      } catch (error) {
        connection.close();
        request.signal?.throwIfAborted();
        throw error;
      } finally {
        request.signal?.removeEventListener("abort", abort);
      }
    }
  }

  /**
   * The answer may come before all of the body is sent (an error, mostly); a failed write matters only without answer.
   * Who closes a socket with a request unread in it resets the connection (unix_release_sock in the kernel's af_unix.c).
   */
  async #readHead(connection: Connection, upload: Promise<void>): Promise<ResponseHead | "unread" | "hung up"> {
    let [answered, broken] = [false, undefined as { readonly error: unknown } | undefined];
    const sent = upload.then(() => undefined, (error: unknown) => {
      // What was to be sent has failed, not the sending: the engine would wait for the rest of it.
      if (!answered && !isHangUp(error)) connection.close();
      return broken = { error };
    });
    const head = await connection.readHead().catch((error: unknown) => {
      if (error instanceof Deno.errors.ConnectionReset) return "unread" as const;
      throw broken === undefined ? error : broken.error;
    });
    answered = true;
    if (head === "unread") return head;
    if (head !== undefined) return head.status === 100 ? await connection.readHead() ?? "hung up" : head;
    const failed = await sent;
    if (failed === undefined) return "hung up";
    if (isHangUp(failed.error)) return "unread";
    throw failed.error;
  }

  async #send(connection: Connection, request: HttpRequest): Promise<void> {
    const body = request.json === undefined ? "" : JSON.stringify(request.json);
    const bytes = encoder.encode(body);
    const lines = [`${request.method} ${request.path} HTTP/1.1`, "Host: sauropod"];
    if (request.upgrade === true) lines.push("Connection: Upgrade", "Upgrade: tcp");
    for (const [name, value] of Object.entries(request.headers ?? {})) lines.push(`${name}: ${value}`);
    if (request.stream !== undefined) lines.push("Transfer-Encoding: chunked");
    else if (request.method !== "GET" && request.method !== "HEAD") lines.push(`Content-Length: ${bytes.length}`);
    if (body !== "") lines.push("Content-Type: application/json");
    else if (request.contentType !== undefined) lines.push(`Content-Type: ${request.contentType}`);
    await connection.write(encoder.encode(lines.join("\r\n") + "\r\n\r\n" + body));
    if (request.stream !== undefined) await sendChunks(connection, request.stream);
  }

  async #open(): Promise<Connection> {
    try {
      return await this.#connect();
    } catch (error) {
      if (this.#start === undefined || !isNobody(error)) throw this.#explained(error);
    }
    await this.#start();
    return await this.#connect().catch((error) => {
      throw this.#explained(error);
    });
  }

  async #connect(): Promise<Connection> {
    return new Connection(await Deno.connect({ transport: "unix", path: this.#socket }));
  }

  #explained(error: unknown): Error {
    const cause = { cause: error };
    if (isNobody(error)) return unavailable(`cannot connect to the engine at unix://${this.#socket}: nobody listens`);
    if (error instanceof Deno.errors.PermissionDenied) {
      return forbidden(
        `no permission to connect to the engine at unix://${this.#socket}: use root or its group`,
        cause,
      );
    }
    return internal(`cannot connect to the engine at unix://${this.#socket}`, cause);
  }

  #takeIdle(): Connection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (performance.now() - last.since < longestIdle) return last.connection;
      last.connection.close();
    }
    return undefined;
  }

  #release(connection: Connection, upload: Promise<void> | undefined): void {
    // With an upload that may still be going on the connection is in no known state.
    if (upload !== undefined || connection.closed) connection.close();
    else this.#idle.push({ connection, since: performance.now() });
  }
}

const encoder = new TextEncoder();

class Response implements HttpResponse {
  readonly head: ResponseHead;
  readonly body: AsyncIterable<Bytes>;
  readonly #connection: Connection;
  #ended = false;

  constructor(
    head: ResponseHead,
    framing: BodyFraming,
    connection: Connection,
    signal: AbortSignal | undefined,
    release: () => void,
  ) {
    this.head = head;
    this.#connection = connection;
    this.body = this.#read(framing, signal, release);
  }

  async text(): Promise<string> {
    let text = "";
    const streaming = new TextDecoder();
    for await (const piece of this.body) {
      text += streaming.decode(piece, { stream: true });
    }
    return text + streaming.decode();
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  [Symbol.dispose](): void {
    if (!this.#ended) this.#connection.close();
  }

  async *#read(
    framing: BodyFraming,
    signal: AbortSignal | undefined,
    release: () => void,
  ): AsyncGenerator<Bytes, void, void> {
    const abort = () => this.#connection.close();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      signal?.throwIfAborted();
      yield* framing.pieces(this.#connection);
      this.#ended = true;
      if (framing.reusable) release();
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      if (!this.#ended || !framing.reusable) this.#connection.close();
    }
  }
}

/** The server works on large chunks longer than on several small ones (node:http of Deno 2.9), so it gets what docker sends. */
const LARGEST_CHUNK = 32 << 10;

async function sendChunks(connection: Connection, stream: ReadableStream<Bytes>): Promise<void> {
  for await (const data of stream) await connection.write(inChunks(data));
  await connection.write(encoder.encode("0\r\n\r\n"));
}

/** In as many chunks as it takes; none of no bytes, which would end the body. */
function inChunks(data: Bytes): Bytes {
  const count = Math.ceil(data.length / LARGEST_CHUNK);
  const framed = new Uint8Array(data.length + count * (LARGEST_CHUNK.toString(16).length + 4));
  let at = 0;
  for (let from = 0; from < data.length; from += LARGEST_CHUNK) {
    const part = data.subarray(from, from + LARGEST_CHUNK);
    at += encoder.encodeInto(`${part.length.toString(16)}\r\n`, framed.subarray(at)).written;
    framed.set(part, at);
    framed.set([0x0d, 0x0a], at + part.length);
    at += part.length + 2;
  }
  return framed.subarray(0, at);
}

/** The lines of an answer that streams JSON objects, one a line. */
export async function* jsonLines(body: AsyncIterable<Bytes>): AsyncGenerator<unknown, void, void> {
  let rest = "";
  const streaming = new TextDecoder();
  for await (const piece of body) {
    const lines = (rest + streaming.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.trim() !== "") yield JSON.parse(line);
    }
  }
  if (rest.trim() !== "") yield JSON.parse(rest);
}

/** Nobody listens: no socket, or one that an engine left behind. */
export function isNobody(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused;
}

function isHangUp(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
}
