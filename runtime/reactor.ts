/**
 * Waiting, for the whole engine: one thread of the kernel's waits for all pipes, terminals, processes and sockets of all
 * containers, where a pending read by Deno would take a thread for each.
 *
 * **Words.** A *watch* is the wish to be called when a descriptor becomes ready. It has up to three *interests*: `read`
 * (there is data, or the end of it), `write` (there is room, or nobody who reads) and `hangup` (the other side is gone).
 * An interest that is *paused* sleeps; what is ready stays so and is told after the resume.
 *
 * **Life.** `watch()` begins it, from then on callbacks may come, never before `watch()` has returned. A callback is told
 * of a state, not of a change: as long as there is data, `read` comes again, once in every turn, so it may read a part,
 * and must read something or pause. All are called on the main thread, one after another, and are synchronous; after
 * turns that took a fifth of a millisecond together everything else in the program has its chance. A watch ends when it
 * is disposed of, and after that its callbacks are not called, not even for what the current turn has found already.
 * **Dispose of the watch first, then close the descriptor**: its number may be somebody else's at once.
 *
 * **Flow.** Whoever passes on data as fast as they come says so (`flows()`), and the main thread itself waits for the next
 * ones, up to a millisecond: they come within microseconds, and two changes of threads for each would take longer. What
 * else the program has to do is held up by that, so nobody says it whose callback sets other work going.
 *
 * **Ends.** Once a hang-up or an error is there, every interest that is not paused is called for it, in every turn: `read`
 * finds the end of the data and `write` gets its EPIPE. So whoever sees the end disposes of his watch.
 *
 * **Failure.** An exception in a callback is a bug of its owner. It goes to `onError`, the watch and all others go on.
 *
 * The reactor keeps the process alive while an interest is awake, and not otherwise. Disposing of it ends the wait;
 * `await using` also waits for that end.
 */
import { internal } from "../base/errors.ts";
import {
  EPOLL,
  epollAdd,
  epollCreate,
  EpollEvents,
  epollLook,
  epollModify,
  epollRemove,
  epollWait,
} from "../sys/epoll.ts";
import { eventfd } from "../sys/file.ts";
import { Fd } from "../sys/fd.ts";
import { tryRead, tryWrite } from "../sys/nonblocking.ts";
import { isErrno } from "../sys/syscall_error.ts";

/** What to be called for; at least one. None of them may be async: nobody would wait for it. */
export interface Interests {
  readonly read?: () => void;
  readonly write?: () => void;
  readonly hangup?: () => void;
}

export type Interest = keyof Interests;

/** A wish to be called. */
export interface Watch extends Disposable {
  /** Lets one interest sleep, or all of them: the data stay where they are, and so the other side is slowed down. */
  pause(interest?: Interest): void;
  resume(interest?: Interest): void;
}

export interface ReactorOptions {
  /** Gets what a callback threw. */
  readonly onError: (error: unknown) => void;
}

/** All watches of one descriptor: epoll knows a descriptor once. */
interface Watched {
  readonly fd: Fd;
  readonly number: number;
  readonly token: number;
  /** Replaced, never changed, so that a turn may go on over the old one. */
  watches: readonly OneWatch[];
  /** What epoll reports now; undefined while it does not know the descriptor. */
  events: number | undefined;
}

const INTEREST: Readonly<Record<Interest, number>> = { read: 1, write: 2, hangup: 4 };
const ALL = INTEREST.read | INTEREST.write | INTEREST.hangup;
const WAKE = 0;
const GONE = EPOLL.HUP | EPOLL.ERR;
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
/** A wait is interrupted now and then (EINTR); this many failures in a row are something else. */
const TOO_MANY_FAILURES = 1000;
/**
 * Milliseconds for which it is looked for more before everything else in the program has its chance. An answer of the API
 * takes several of these: with 0.2 it comes in 1.8 ms while data flow, with 1 in 3.5, and as much flows.
 */
const TURN = 0.2;
/** Milliseconds for which the main thread waits for more where data flow; the shortest that epoll_wait(2) knows. */
const LINGER = 1;

/** One wait for everything, see above. */
export class Reactor implements Disposable, AsyncDisposable {
  readonly #epoll = epollCreate();
  readonly #wake = eventfd();
  readonly #events = new EpollEvents(256);
  readonly #onError: (error: unknown) => void;
  readonly #byNumber = new Map<number, Watched>();
  readonly #byToken = new Map<number, Watched>();
  #lastToken = WAKE;
  /** How many descriptors epoll knows beside the wake-up. */
  #awake = 0;
  #running: Promise<void> | undefined;
  #waiting = false;
  /** Whether the last callbacks said that more will come at once. */
  #flowing = false;
  #disposed = false;

  constructor({ onError }: ReactorOptions) {
    this.#onError = onError;
    epollAdd(this.#epoll, this.#wake.number, EPOLL.IN, WAKE);
  }

  /**
   * Begins to watch `fd`, which should be nonblocking. Several watches may share a descriptor (a terminal is written to
   * by one part and read by another).
   * @throws {SyscallError} EPERM for what cannot be waited for, a plain file or a folder
   */
  watch(fd: Fd, interests: Interests): Watch {
    if (this.#disposed) throw internal("the reactor has been disposed of");
    const watched = this.#watched(fd);
    const watch = new OneWatch(interests, () => this.#update(watched), () => this.#drop(watched, watch));
    watched.watches = [...watched.watches, watch];
    try {
      this.#update(watched);
    } catch (error) {
      this.#drop(watched, watch);
      throw error;
    }
    return watch;
  }

  /** Said by a callback: more will come within microseconds, see above. */
  flows(): void {
    this.#flowing = true;
  }

  #watched(fd: Fd): Watched {
    const known = this.#byNumber.get(fd.number);
    if (known?.fd === fd || (known !== undefined && known.fd.number === fd.number)) return known;
    if (known !== undefined) this.#forget(known); // closed under its watch, against the rule: the number is another's
    const watched = { fd, number: fd.number, token: ++this.#lastToken, watches: [], events: undefined };
    this.#byNumber.set(watched.number, watched);
    this.#byToken.set(watched.token, watched);
    return watched;
  }

  /** Brings epoll to what the watches of a descriptor want now. */
  #update(watched: Watched): void {
    if (this.#byToken.get(watched.token) !== watched) return;
    let wanted = 0;
    for (const watch of watched.watches) wanted |= watch.wanted;
    const events = wanted === 0
      ? undefined
      : (wanted & INTEREST.read ? EPOLL.IN : 0) | (wanted & INTEREST.write ? EPOLL.OUT : 0);
    if (events === watched.events) return;
    const { number, token } = watched;
    if (watched.events === undefined) epollAdd(this.#epoll, number, events ?? 0, token);
    else if (events === undefined) this.#remove(number);
    else epollModify(this.#epoll, number, events, token);
    this.#awake += (events === undefined ? 0 : 1) - (watched.events === undefined ? 0 : 1);
    watched.events = events;
    if (this.#awake > 0) this.#running ??= this.#run();
    else this.#wakeUp();
  }

  #drop(watched: Watched, watch: OneWatch): void {
    watched.watches = watched.watches.filter((other) => other !== watch);
    if (watched.watches.length > 0) this.#update(watched);
    else this.#forget(watched);
  }

  #forget(watched: Watched): void {
    watched.watches = [];
    this.#update(watched);
    this.#byToken.delete(watched.token);
    if (this.#byNumber.get(watched.number) === watched) this.#byNumber.delete(watched.number);
  }

  #remove(number: number): void {
    try {
      epollRemove(this.#epoll, number);
    } catch (error) {
      if (!isErrno(error, "ENOENT", "EBADF")) throw error; // closed already, and so not in there any more
    }
  }

  /** Ends the wait that is going on, if one is. */
  #wakeUp(): void {
    if (this.#waiting) tryWrite(this.#wake, ONE);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (this.#awake > 0 && !this.#disposed) {
      this.#waiting = true;
      const count = await epollWait(this.#epoll, this.#events);
      this.#waiting = false;
      failures = count < 0 ? failures + 1 : 0;
      if (failures > TOO_MANY_FAILURES) {
        this.#onError(internal("epoll_wait fails again and again"));
        break;
      }
      this.#dispatchAll(count);
      // Where data flow there is more by now: to look costs a microsecond, to wait two changes of threads.
      for (const end = performance.now() + TURN; performance.now() < end && this.#awake > 0 && !this.#disposed;) {
        const more = epollLook(this.#epoll, this.#events, this.#flowing ? LINGER : 0);
        if (more <= 0) break;
        this.#dispatchAll(more);
      }
    }
    this.#running = undefined;
    if (this.#disposed) this.#close();
  }

  #dispatchAll(count: number): void {
    this.#flowing = false;
    for (let i = 0; i < count && !this.#disposed; i++) this.#dispatch(this.#events.token(i), this.#events.events(i));
  }

  #dispatch(token: number, events: number): void {
    if (token === WAKE) {
      tryRead(this.#wake, new Uint8Array(8));
      return;
    }
    const watched = this.#byToken.get(token);
    if (watched === undefined) return; // its last watch ended earlier in this turn
    if (watched.fd.number !== watched.number) return this.#forget(watched);
    const gone = (events & GONE) !== 0;
    const read = gone || (events & EPOLL.IN) !== 0;
    const write = gone || (events & EPOLL.OUT) !== 0;
    for (const watch of watched.watches) {
      if (read) this.#call(watch, "read");
      if (write) this.#call(watch, "write");
      if (gone) this.#call(watch, "hangup");
    }
  }

  #call(watch: OneWatch, interest: Interest): void {
    if ((watch.wanted & INTEREST[interest]) === 0) return;
    try {
      watch.interests[interest]?.();
    } catch (error) {
      this.#onError(error);
    }
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#byToken.clear();
    this.#byNumber.clear();
    // The wait that is going on needs both descriptors: it is woken, and the loop closes them on its way out.
    if (this.#running === undefined) this.#close();
    else this.#wakeUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running;
    this[Symbol.dispose]();
    await running;
  }

  #close(): void {
    this.#epoll.close();
    this.#wake.close();
  }
}

class OneWatch implements Watch {
  /** The interests that are there and awake, as bits; none after the end. */
  wanted: number;
  readonly interests: Interests;
  readonly #available: number;
  readonly #update: () => void;
  readonly #end: () => void;
  #ended = false;

  constructor(interests: Interests, update: () => void, end: () => void) {
    this.interests = interests;
    this.#available = (interests.read ? INTEREST.read : 0) | (interests.write ? INTEREST.write : 0) |
      (interests.hangup ? INTEREST.hangup : 0);
    this.wanted = this.#available;
    this.#update = update;
    this.#end = end;
  }

  pause(interest?: Interest): void {
    this.#want(this.wanted & ~(interest === undefined ? ALL : INTEREST[interest]));
  }

  resume(interest?: Interest): void {
    this.#want(this.wanted | (this.#available & (interest === undefined ? ALL : INTEREST[interest])));
  }

  #want(wanted: number): void {
    if (this.#ended || wanted === this.wanted) return;
    this.wanted = wanted;
    this.#update();
  }

  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    this.wanted = 0;
    this.#end();
  }
}
