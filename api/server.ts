/** HTTP requests in, handlers called, failures turned into answers. Knows nothing of sockets and processes. */
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ContainerEngine } from "../base/container_engine.ts";
import { CURRENT_VERSION, parseVersion, splitVersion } from "./api_version.ts";
import { dropRest } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { Query } from "./query.ts";
import { sendNothing, writeJson } from "./respond.ts";
import { pageNotFound, Router } from "./router.ts";
import { ROUTES } from "./routes.ts";
import { failure } from "./status.ts";

export interface ApiServerOptions {
  readonly engine: ContainerEngine;
  /** What the Server header says after `Sauropod/`. */
  readonly productVersion: string;
  readonly log: (line: string) => void;
  readonly stop: () => void;
}

/** Headers in bytes, connections in number: beyond it a client is refused, so that none can fill the memory. */
const HEADER_LIMIT = 64 << 10;
const CONNECTION_LIMIT = 10_000;

export class ApiServer {
  readonly http: HttpServer;
  readonly #options: ApiServerOptions;
  readonly #headers: readonly (readonly [string, string])[];
  readonly #router = new Router(ROUTES);
  readonly #sockets = new Set<Socket>();
  readonly #live = new Set<Live>();
  #idleSince = performance.now();

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#headers = [
      ["Api-Version", `1.${CURRENT_VERSION}`],
      ["Ostype", "linux"],
      ["Server", `Docker/${options.productVersion} (linux)`],
    ];
    this.http = createServer({ maxHeaderSize: HEADER_LIMIT }, (request, response) => this.#serve(request, response));
    this.http.maxConnections = CONNECTION_LIMIT;
    // Loading an image may take longer than any limit, and whoever may connect is root anyway.
    this.http.requestTimeout = 0;
    // A client's idle connection costs little; closing it races with the client's next request.
    this.http.keepAliveTimeout = 0;
    this.http.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Requests that are being answered, attached clients and followers included. */
  get active(): number {
    return this.#live.size;
  }

  /** Since when nothing is being answered, on the clock of `performance.now()`; undefined while something is. */
  get idleSince(): number | undefined {
    return this.#live.size === 0 ? this.#idleSince : undefined;
  }

  /** Ends followers and attached clients, lets the others finish for `grace` milliseconds, then cuts them off. */
  async end(grace: number): Promise<void> {
    const deadline = performance.now() + grace;
    this.http.close();
    for (const live of this.#live) live.abort();
    this.http.closeIdleConnections();
    while (this.#live.size > 0 && performance.now() < deadline) await new Promise((done) => setTimeout(done, 10));
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const live = new Live(request, response, this.#options);
    this.#live.add(live);
    for (const [name, value] of this.#headers) response.setHeader(name, value);
    try {
      await this.#answer(live);
    } catch (error) {
      await this.#fail(live, error);
    } finally {
      this.#live.delete(live);
      this.#idleSince = performance.now();
    }
  }

  async #answer(live: Live): Promise<void> {
    const { method = "", url = "" } = live.request;
    const mark = url.indexOf("?");
    const { path, version } = splitVersion(mark < 0 ? url : url.slice(0, mark));
    const { handler, since, name } = this.#router.find(method, path);
    live.version = parseVersion(version);
    if (live.version < since) throw pageNotFound();
    live.name = name;
    live.query = new Query(mark < 0 ? "" : url.slice(mark + 1));
    await handler(live);
  }

  async #fail(live: Live, error: unknown): Promise<void> {
    const { request, response } = live;
    const { status, message, log } = failure(error);
    // The path only: a query may hold what is nobody's business.
    if (log !== undefined) this.#options.log(`${request.method} ${request.url?.split("?")[0]}: ${log}`);
    if (response.headersSent || response.socket === null) return void request.socket.destroy();
    await dropRest(request);
    if (!request.complete) response.setHeader("Connection", "close");
    if (status === 304) return sendNothing(live, 304);
    writeJson(response, { message }, status);
  }
}

/** A request that is being answered. */
class Live implements Exchange {
  readonly engine: ContainerEngine;
  readonly stop: () => void;
  readonly log: (line: string) => void;
  version = CURRENT_VERSION;
  name = "";
  query = new Query("");
  #abort: AbortController | undefined;

  constructor(readonly request: IncomingMessage, readonly response: ServerResponse, options: ApiServerOptions) {
    this.engine = options.engine;
    this.stop = options.stop;
    this.log = options.log;
  }

  /** Made when it is first asked for: most answers are over before anybody could go away. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.request.socket.destroyed) this.abort();
      this.response.once("close", () => {
        if (!this.response.writableFinished) this.abort();
      });
    }
    return this.#abort.signal;
  }

  abort(): void {
    this.#abort?.abort();
  }
}
