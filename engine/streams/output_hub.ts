/**
 * Between the output of a process and those who are attached to it.
 *
 * Whoever subscribes gets what comes from then on, until the run ends. Nobody need subscribe; a subscriber that does not
 * keep up *saturates* the hub, and whoever feeds it stops until it has *drained*: so an attached client slows the process
 * down, as with Docker, and memory stays bounded. The hub outlives the run: who subscribes before a start misses nothing.
 */
import type { Bytes, OutputFrame } from "../../base/container_engine.ts";

/** Bytes waiting for one subscriber from which on the hub is saturated; half of it is drained. */
const SATURATED = 1 << 20;

/** What the feeder does about readers that are too slow. */
export interface SaturationHandlers {
  readonly saturated: () => void;
  readonly drained: () => void;
}

/** The output as one subscriber gets it; to be iterated once. */
export interface OutputSubscription extends AsyncIterable<OutputFrame> {
  /** Ends it at once; what waits is forgotten. */
  close(): void;
}

export class OutputHub {
  #subscribers = new Set<Subscriber>();
  #handlers: SaturationHandlers | undefined;
  #saturated = false;

  /** Sets who stops and goes on; holds until the run ends. */
  onSaturation(handlers: SaturationHandlers): void {
    this.#handlers = handlers;
    this.#saturated = false;
    this.#settle();
  }

  /** Hands on output. `data` is only used during the call. */
  push(stream: OutputFrame["stream"], data: Bytes): void {
    let frame: OutputFrame | undefined;
    for (const subscriber of this.#subscribers) {
      if (!subscriber.wants(stream)) continue;
      frame ??= { stream, data: data.slice() };
      subscriber.push(frame);
    }
    if (frame !== undefined) this.#settle();
  }

  subscribe({ stdout, stderr }: { stdout: boolean; stderr: boolean }): OutputSubscription {
    const subscriber = new Subscriber(stdout, stderr, {
      drained: () => this.#settle(),
      closed: () => {
        this.#subscribers.delete(subscriber);
        this.#settle();
      },
    });
    this.#subscribers.add(subscriber);
    return subscriber;
  }

  /** The run is over: subscribers get what still waits for them, and then the end. */
  endRun(): void {
    const subscribers = this.#subscribers;
    this.#subscribers = new Set();
    this.#handlers = undefined;
    this.#saturated = false;
    for (const subscriber of subscribers) subscriber.end();
  }

  /** Tells the feeder when something has changed. Between full and half full it stays as it was, so that it does not flap. */
  #settle(): void {
    const limit = this.#saturated ? SATURATED / 2 : SATURATED;
    let full = false;
    for (const subscriber of this.#subscribers) full ||= subscriber.waiting >= limit;
    if (full === this.#saturated) return;
    this.#saturated = full;
    if (full) this.#handlers?.saturated();
    else this.#handlers?.drained();
  }
}

class Subscriber implements OutputSubscription, AsyncIterator<OutputFrame> {
  readonly #wants: Readonly<Record<OutputFrame["stream"], boolean>>;
  readonly #on: { readonly drained: () => void; readonly closed: () => void };
  #queue: OutputFrame[] = [];
  #waiting = 0;
  #ended = false;
  #reader: ((result: IteratorResult<OutputFrame>) => void) | undefined;

  constructor(stdout: boolean, stderr: boolean, on: { drained: () => void; closed: () => void }) {
    this.#wants = { stdout, stderr };
    this.#on = on;
  }

  /** Bytes that have not been read. */
  get waiting(): number {
    return this.#waiting;
  }

  wants(stream: OutputFrame["stream"]): boolean {
    return this.#wants[stream];
  }

  push(frame: OutputFrame): void {
    if (this.#reader !== undefined) return this.#answer({ done: false, value: frame });
    this.#queue.push(frame);
    this.#waiting += frame.data.byteLength;
  }

  end(): void {
    this.#ended = true;
    this.#answer({ done: true, value: undefined });
  }

  close(): void {
    this.#queue = [];
    this.#waiting = 0;
    this.end();
    this.#on.closed();
  }

  #answer(result: IteratorResult<OutputFrame>): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(result);
  }

  next(): Promise<IteratorResult<OutputFrame>> {
    const frame = this.#queue.shift();
    if (frame !== undefined) {
      this.#waiting -= frame.data.byteLength;
      this.#on.drained();
      return Promise.resolve({ done: false, value: frame });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#reader = resolve);
  }

  return(): Promise<IteratorResult<OutputFrame>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterator<OutputFrame> {
    return this;
  }
}
