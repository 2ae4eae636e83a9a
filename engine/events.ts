import type { EventsOptions } from "../base/container_engine.ts";
import type { EventMessage } from "../base/docker/system.ts";
import { nowNanoseconds } from "../base/timestamps.ts";
import { eventFilter } from "./event_filters.ts";

/** How many events are kept for those who ask for the past. */
const KEPT = 1024;

/** How many may wait for one subscriber; the oldest go when more come. */
const WAITING = 1024;

/** What happened to what; the rest of the message is added when it is published. */
export type NewEvent = Pick<EventMessage, "Type" | "Action" | "Actor">;

/**
 * What happens in the engine, told to whoever listens, and kept for a while. A listener that is too slow loses the
 * oldest of what waits for it, and is told how many: nobody in the engine ever waits for a listener.
 */
export class EventLog {
  readonly #kept: EventMessage[] = [];
  readonly #listeners = new Set<Listener>();

  /** How many listen now. */
  get listeners(): number {
    return this.#listeners.size;
  }

  publish({ Type, Action, Actor }: NewEvent, time: bigint = nowNanoseconds()): void {
    const event = message({ Type, Action, Actor }, time);
    this.#kept.push(event);
    if (this.#kept.length >= 2 * KEPT) this.#kept.splice(0, this.#kept.length - KEPT);
    for (const listener of this.#listeners) listener.offer(event);
  }

  /**
   * Events from now on, and, when `since` or `until` says so, those before that are still kept. Listening begins with the
   * call, not with the first read. Ends at `until` or when aborted.
   * @throws `invalid` at once for an unknown filter.
   */
  subscribe({ since, until, filters, signal }: EventsOptions = {}): AsyncIterableIterator<EventMessage> {
    const listener = new Listener(eventFilter(filters), until, () => this.#listeners.delete(listener));
    if (since !== undefined || until !== undefined) {
      for (const event of this.#kept.slice(-KEPT)) {
        if (event.timeNano / 1e9 >= (since ?? 0)) listener.offer(event);
      }
    }
    this.#listeners.add(listener);
    if (until !== undefined) listener.endIn(until * 1000 - Date.now());
    if (signal?.aborted) listener.end();
    else signal?.addEventListener("abort", () => listener.end(), { once: true });
    return listener;
  }
}

/** Docker's message; clients of old read status, id and from. */
function message({ Type, Action, Actor }: NewEvent, time: bigint): EventMessage {
  const legacy = Type === "container" || Type === "image" ? { status: Action, id: Actor.ID } : {};
  const from = Type === "container" && Actor.Attributes["image"] ? { from: Actor.Attributes["image"] } : {};
  const seconds = Number(time / 1_000_000_000n);
  return { ...legacy, ...from, Type, Action, Actor, scope: "local", time: seconds, timeNano: Number(time) };
}

/** Stands where events of a slow listener are missing. */
function lost(count: number): EventMessage {
  const Actor = { ID: "", Attributes: { count: String(count), reason: "the listener is too slow" } };
  return message({ Type: "daemon", Action: "events lost", Actor }, nowNanoseconds());
}

/** What waits for one subscriber. */
class Listener implements AsyncIterableIterator<EventMessage> {
  readonly #matches: (event: EventMessage) => boolean;
  readonly #until: number | undefined;
  readonly #leave: () => void;
  #queue: EventMessage[] = [];
  #lost = 0;
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reader: ((result: IteratorResult<EventMessage>) => void) | undefined;

  constructor(matches: (event: EventMessage) => boolean, until: number | undefined, leave: () => void) {
    this.#matches = matches;
    this.#until = until;
    this.#leave = leave;
  }

  offer(event: EventMessage): void {
    if (this.#ended || !this.#matches(event)) return;
    if (this.#until !== undefined && event.timeNano / 1e9 > this.#until) return;
    if (this.#reader !== undefined) return this.#answer({ done: false, value: event });
    this.#queue.push(event);
    if (this.#queue.length <= WAITING) return;
    this.#lost += this.#queue.splice(0, this.#queue.length - WAITING).length;
  }

  /** Ends after so many milliseconds; what waits is still given. */
  endIn(milliseconds: number): void {
    if (milliseconds <= 0) this.end();
    // Timers take 31 bits; an end that is further away never comes.
    else if (milliseconds <= 0x7fffffff) this.#timer = setTimeout(() => this.end(), milliseconds);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#leave();
    this.#answer({ done: true, value: undefined });
  }

  #answer(result: IteratorResult<EventMessage>): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(result);
  }

  next(): Promise<IteratorResult<EventMessage>> {
    if (this.#lost > 0) {
      const count = this.#lost;
      this.#lost = 0;
      return Promise.resolve({ done: false, value: lost(count) });
    }
    const event = this.#queue.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#reader = resolve);
  }

  return(): Promise<IteratorResult<EventMessage>> {
    this.#queue = [];
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<EventMessage> {
    return this;
  }
}
