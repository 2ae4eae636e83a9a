import type { Bytes } from "../../base/container_engine.ts";
import { unavailable } from "../../base/errors.ts";
import type { Reactor, Watch } from "../../runtime/reactor.ts";
import type { Fd } from "../../sys/fd.ts";
import { tryWrite } from "../../sys/nonblocking.ts";
import { isErrno } from "../../sys/syscall_error.ts";

/** Writers that wait for their turn are slow by that; this many bytes come only from one that does not wait. */
const LIMIT = 16 << 20;

/**
 * The way into the stdin of a running process. What is written goes in order, as far as the pipe has room at once, the
 * rest when the reactor says so. A process that has closed its stdin, or is gone, takes everything and reads nothing, as
 * on any broken pipe.
 */
export class InputQueue implements Disposable {
  readonly #fd: Fd;
  readonly #reactor: Pick<Reactor, "watch">;
  readonly #ownsDescriptor: boolean;
  #queue: { data: Bytes; taken: () => void }[] = [];
  #waiting = 0;
  #watch: Watch | undefined;
  #closing: PromiseWithResolvers<void> | undefined;
  #broken = false;

  /** `fd` is nonblocking; it is closed at the end if the queue owns it (a terminal's master belongs to others too). */
  constructor(fd: Fd, reactor: Pick<Reactor, "watch">, { ownsDescriptor }: { ownsDescriptor: boolean }) {
    this.#fd = fd;
    this.#reactor = reactor;
    this.#ownsDescriptor = ownsDescriptor;
  }

  /**
   * Settles when the process's pipe has taken all of `data`, or nobody will read it any more.
   * @throws `unavailable` when too much waits already.
   */
  write(data: Bytes): Promise<void> {
    if (this.#broken || this.#closing !== undefined || data.length === 0) return Promise.resolve();
    if (this.#waiting + data.length > LIMIT) {
      return Promise.reject(unavailable("the process does not read its input, and too much of it waits already"));
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue.push({ data, taken: resolve });
    this.#waiting += data.length;
    if (this.#queue.length === 1) this.#turn();
    return promise;
  }

  /** No more is coming: settles when all has been taken and the descriptor is closed. */
  close(): Promise<void> {
    this.#closing ??= Promise.withResolvers<void>();
    if (this.#queue.length === 0) this.#finish();
    return this.#closing.promise;
  }

  /** Ends it at once; what waits is lost, and who waits goes on. */
  [Symbol.dispose](): void {
    this.#broken = true;
    this.#finish();
  }

  #turn(): void {
    try {
      for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
        const written = tryWrite(this.#fd, first.data);
        if (written === undefined) return this.#wait();
        this.#waiting -= written;
        first.data = first.data.subarray(written);
        if (first.data.length > 0) continue;
        this.#queue.shift();
        first.taken();
      }
      this.#watch?.pause();
      if (this.#closing !== undefined) this.#finish();
    } catch (error) {
      // EPIPE: all readers of the pipe are gone; EIO: the terminal is.
      if (!isErrno(error, "EPIPE", "EIO")) throw error;
      this.#broken = true;
      this.#finish();
    }
  }

  #wait(): void {
    if (this.#watch === undefined) this.#watch = this.#reactor.watch(this.#fd, { write: () => this.#turn() });
    else this.#watch.resume();
  }

  #finish(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    if (this.#ownsDescriptor) this.#fd.close();
    this.#waiting = 0;
    for (const { taken } of this.#queue.splice(0)) taken();
    this.#closing?.resolve();
  }
}
