/** Whoever waits for sockets, for all of net/; the engine's reactor is one (runtime/reactor.ts tells the rules). */
import type { Fd } from "../sys/fd.ts";

/** What to be called for. A callback is told of a state, not of a change, and is synchronous. */
export interface PollInterests {
  /** There is data, a connection, or the end. */
  readonly read?: () => void;
  /** There is room, or nobody who reads. */
  readonly write?: () => void;
  /** The other side is gone. */
  readonly hangup?: () => void;
}

/** A wish to be called; disposed of before its descriptor is closed. */
export interface PollWatch extends Disposable {
  pause(interest?: keyof PollInterests): void;
  resume(interest?: keyof PollInterests): void;
}

export interface Poller {
  watch(fd: Fd, interests: PollInterests): PollWatch;
  /** Said by a callback that has moved data which are part of a flow: what comes next comes within microseconds. */
  flows(): void;
}
