import type { Bytes } from "../../base/container_engine.ts";
import type { Transport } from "./ask.ts";
import { Forwarder, type ForwarderOptions } from "./forwarder.ts";
import { localAnswer, type NameView } from "./local_answer.ts";
import { RCODE, readQuery } from "./message.ts";
import { reply, replyToMalformed } from "./reply.ts";

export interface ResolverOptions extends Omit<ForwarderOptions, "upstreams"> {
  /** The names of ours that the container sees. */
  readonly view: NameView;
  /**
   * The servers for all other names, as `9.9.9.9` or `127.0.0.1#5353`, in order. Undefined when the container has no way
   * out (its networks are internal): then there are no other names, for a query would carry what it likes to the outside
   * (CVE-2024-29018).
   */
  readonly upstreams: () => readonly string[] | undefined;
}

/** Answers the queries of one container. */
export class Resolver implements Disposable {
  readonly #options: ResolverOptions;
  readonly #forwarder: Forwarder;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#forwarder = new Forwarder({ ...options, upstreams: () => options.upstreams() ?? [] });
  }

  /** Calls `answer` with what to send back, now or later, or never: not everything deserves an answer. */
  resolve(message: Bytes, transport: Transport, answer: (response: Bytes) => void): void {
    const query = readQuery(message);
    if (query === undefined) return;
    if (typeof query === "number") return answer(replyToMalformed(message, query));
    const records = localAnswer(query, this.#options.view);
    if (records === undefined) {
      if (this.#options.upstreams() === undefined) return answer(reply(query, RCODE.NXDOMAIN));
      return this.#forwarder.forward(query, transport, answer);
    }
    if (query.edns !== undefined && query.edns > 0) return answer(reply(query, RCODE.BADVERS));
    answer(reply(query, RCODE.NOERROR, records, transport === "udp" ? query.limit : undefined));
  }

  [Symbol.dispose](): void {
    this.#forwarder[Symbol.dispose]();
  }
}
