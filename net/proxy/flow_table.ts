/** A client of a datagram port, for as long as somebody speaks. */
export interface Flow {
  readonly key: string;
  /** When the last datagram went either way, in milliseconds. */
  lastUsed: number;
  /** Whether the target has ever answered. */
  answered: boolean;
}

/**
 * Flows by key, the longest silent first. It is bounded: where there are too many, one that never had an answer goes
 * first, so that a flood of senders that do not exist drives out nobody who is being served.
 */
export class FlowTable<F extends Flow> {
  /** Maps remember the order of insertion, and a flow that is used is inserted anew. */
  readonly #answered = new Map<string, F>();
  readonly #unanswered = new Map<string, F>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#answered.size + this.#unanswered.size;
  }

  get(key: string): F | undefined {
    return this.#answered.get(key) ?? this.#unanswered.get(key);
  }

  /** Adds a flow; returns the one that has to go for it, which is in here no more. */
  add(flow: F): F | undefined {
    const victim = this.size < this.#limit ? undefined : this.#oldest(this.#unanswered) ?? this.#oldest(this.#answered);
    if (victim !== undefined) this.delete(victim);
    this.#mapOf(flow).set(flow.key, flow);
    return victim;
  }

  /** Notes that `flow` has been used, by the client or, when it is `answer`, by the target. */
  use(flow: F, now: number, answer: boolean): void {
    this.delete(flow);
    flow.lastUsed = now;
    flow.answered ||= answer;
    this.#mapOf(flow).set(flow.key, flow);
  }

  delete(flow: F): void {
    this.#mapOf(flow).delete(flow.key);
  }

  /** Takes out the flows that have not been used after `time`. */
  takeSilentSince(time: number): F[] {
    const silent: F[] = [];
    for (const flows of [this.#answered, this.#unanswered]) {
      for (const flow of flows.values()) {
        if (flow.lastUsed > time) break;
        silent.push(flow);
      }
    }
    for (const flow of silent) this.delete(flow);
    return silent;
  }

  #mapOf(flow: F): Map<string, F> {
    return flow.answered ? this.#answered : this.#unanswered;
  }

  #oldest(flows: Map<string, F>): F | undefined {
    return flows.values().next().value;
  }
}
