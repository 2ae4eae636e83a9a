/**
 * Passes queries on to the host's own name servers, one after another until one answers.
 *
 * A query keeps its bytes but for its id, which is drawn anew for each server. An answer counts if it comes from the
 * server's address, has that id and repeats the question: who wants to slip in another must guess id and port, 2^31 to
 * one. What a server says of its own trouble (SERVFAIL, REFUSED) is an answer only if nobody knows better.
 */
import type { Bytes } from "../../base/container_engine.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";
import type { Poller } from "../poller.ts";
import { ask, type Transport } from "./ask.ts";
import { answerTo } from "./answer_to.ts";
import { messageId, type Query, RCODE, responseCode, setMessageId } from "./message.ts";
import { failure } from "./reply.ts";
import { parseUpstream } from "./upstream.ts";

export interface ForwarderOptions {
  /** The servers, in order; asked for each query. */
  readonly upstreams: () => readonly string[];
  readonly poller: Poller;
  readonly log: (message: string) => void;
  /** How long one server has; clients wait 5 seconds in all (resolv.conf(5)). */
  readonly timeout?: number;
  readonly limit?: number;
}

const TIMEOUT = 4_000;
/** Queries on their way at one time, for one container; each holds a socket. */
const LIMIT = 256;
/** More are not looked at, as in resolv.conf(5). */
const MAX_SERVERS = 3;
/** A container may ask for thousands of names that nobody answers; the log gets one line in so many milliseconds. */
const LOG_INTERVAL = 60_000;

interface Pending {
  readonly query: Query;
  readonly transport: Transport;
  readonly servers: SocketAddress[];
  readonly done: (response: Bytes) => void;
  /** The trouble that a server has told of. */
  refusal: Bytes | undefined;
  attempt: Disposable | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** All queries of one container that others answer. */
export class Forwarder implements Disposable {
  readonly #options: ForwarderOptions;
  /** In the order in which they came. */
  readonly #pending = new Set<Pending>();
  #lastLog = -Infinity;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /**
   * Asks the servers and calls `done`, once, with the answer to the client or with SERVFAIL. When too many are on their
   * way the oldest is given up for the new one: it is the least likely to be answered.
   */
  forward(query: Query, transport: Transport, done: (response: Bytes) => void): void {
    const servers = this.#options.upstreams().slice(0, MAX_SERVERS).flatMap((text) => parseUpstream(text) ?? []);
    // The query's bytes lie where the next one will be read to.
    const kept = { ...query, bytes: query.bytes.slice() };
    const pending: Pending = {
      query: kept,
      transport,
      servers,
      done,
      refusal: undefined,
      attempt: undefined,
      timer: undefined,
    };
    const [oldest] = this.#pending;
    if (oldest !== undefined && this.#pending.size >= (this.#options.limit ?? LIMIT)) this.#finish(oldest, undefined);
    this.#pending.add(pending);
    this.#askNext(pending);
  }

  #askNext(pending: Pending): void {
    this.#endAttempt(pending);
    for (let server = pending.servers.shift(); server !== undefined; server = pending.servers.shift()) {
      try {
        return this.#ask(pending, server);
      } catch (error) {
        if (!(error instanceof SyscallError)) throw error;
        this.#report(`DNS: ${error.message}`);
      }
    }
    if (pending.refusal === undefined) this.#report("DNS: no server has answered a query");
    this.#finish(pending, pending.refusal);
  }

  #ask(pending: Pending, server: SocketAddress): void {
    const { query, transport } = pending;
    const message = query.bytes.slice();
    const id = randomId();
    setMessageId(message, id);
    pending.attempt = ask({ transport, poller: this.#options.poller, server, message }, (response) => {
      if (response === undefined) return this.#askNext(pending);
      const answer = answerTo(query, id, response);
      if (answer === undefined) return;
      setMessageId(answer, messageId(query.bytes));
      const trouble = responseCode(answer) === RCODE.SERVFAIL || responseCode(answer) === RCODE.REFUSED;
      if (!trouble) return this.#finish(pending, answer);
      pending.refusal = answer;
      this.#askNext(pending);
    });
    pending.timer = setTimeout(() => this.#askNext(pending), this.#options.timeout ?? TIMEOUT);
  }

  #finish(pending: Pending, response: Bytes | undefined): void {
    this.#endAttempt(pending);
    if (this.#pending.delete(pending)) pending.done(response ?? failure(pending.query));
  }

  #endAttempt(pending: Pending): void {
    clearTimeout(pending.timer);
    pending.attempt?.[Symbol.dispose]();
    pending.attempt = undefined;
  }

  #report(message: string): void {
    if (performance.now() - this.#lastLog < LOG_INTERVAL) return;
    this.#lastLog = performance.now();
    this.#options.log(message);
  }

  /** What is on its way stays unanswered: nobody is there any more. */
  [Symbol.dispose](): void {
    for (const pending of this.#pending) this.#endAttempt(pending);
    this.#pending.clear();
  }
}

function randomId(): number {
  return crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
}
