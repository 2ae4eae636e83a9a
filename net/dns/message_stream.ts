/** A TCP connection that carries messages of DNS both ways, for servers and clients alike. */
import type { Bytes } from "../../base/container_engine.ts";
import type { Fd } from "../../sys/fd.ts";
import { tryRead, tryWrite } from "../../sys/nonblocking.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
import type { Poller, PollWatch } from "../poller.ts";
import { framed, MessageReader } from "./message_reader.ts";

export interface MessageStreamEvents {
  /** A message has come. */
  readonly message: (message: Bytes) => void;
  /** All that was sent has been taken. */
  readonly drained?: () => void;
  /** The other side sends no more. */
  readonly end: () => void;
  /** The connection is broken, or has not come about. */
  readonly broken: () => void;
}

/** Whoever does not read his answers gets no more questions read, once so many bytes wait for him. */
const HIGH_WATER = 128 * 1024;
/** For all streams: it is emptied before anything else can happen. */
const inbox = new Uint8Array(16 * 1024);

/** Owns its socket, which may still be connecting. */
export class MessageStream implements Disposable {
  readonly #socket: Fd;
  readonly #events: MessageStreamEvents;
  readonly #reader = new MessageReader();
  readonly #watch: PollWatch;
  #outbox: Bytes[] = [];
  #waiting = 0;
  #ended = false;
  #closed = false;

  constructor(socket: Fd, poller: Poller, events: MessageStreamEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#watch = poller.watch(socket, {
      read: () => this.#guarded(() => this.#read()),
      write: () => this.#guarded(() => this.#write()),
    });
    this.#watch.pause("write");
  }

  /** Bytes that the other side has not taken yet. */
  get waiting(): number {
    return this.#waiting;
  }

  send(message: Bytes): void {
    this.queue(message);
    this.#guarded(() => this.#write());
  }

  /** Has the message sent in a later turn: nothing can fail before. */
  queue(message: Bytes): void {
    if (this.#closed) return;
    const bytes = framed(message);
    this.#outbox.push(bytes);
    this.#waiting += bytes.length;
    this.#watch.resume("write");
  }

  #read(): void {
    const size = tryRead(this.#socket, inbox);
    if (size === undefined) return;
    if (size === 0) {
      this.#ended = true;
      this.#watch.pause("read");
      return this.#events.end();
    }
    for (const message of this.#reader.push(inbox.subarray(0, size))) {
      if (!this.#closed) this.#events.message(message);
    }
  }

  #write(): void {
    for (let first = this.#outbox[0]; first !== undefined; first = this.#outbox[0]) {
      const written = tryWrite(this.#socket, first);
      if (written === undefined) break;
      this.#waiting -= written;
      if (written === first.length) this.#outbox.shift();
      else this.#outbox[0] = first.subarray(written);
    }
    if (this.#waiting > 0) this.#watch.resume("write");
    else this.#watch.pause("write");
    if (this.#waiting > HIGH_WATER) this.#watch.pause("read");
    else if (!this.#ended) this.#watch.resume("read");
    if (this.#waiting === 0) this.#events.drained?.();
  }

  #guarded(work: () => void): void {
    if (this.#closed) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.#events.broken();
    }
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch[Symbol.dispose]();
    this.#socket.close();
  }
}
