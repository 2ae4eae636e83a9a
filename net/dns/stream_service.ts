import type { Bytes } from "../../base/container_engine.ts";
import type { Fd } from "../../sys/fd.ts";
import { tryAccept } from "../../sys/socket.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
import type { Poller, PollWatch } from "../poller.ts";
import { MessageStream } from "./message_stream.ts";
import type { Resolver } from "./resolver.ts";

export interface StreamServiceOptions {
  readonly poller: Poller;
  readonly resolver: Resolver;
  /** Milliseconds after which a silent connection is closed. */
  readonly idle?: number;
}

/** Connections of one container at one time. */
const LIMIT = 64;
const IDLE = 10_000;
/** How long nobody is let in when the engine has no descriptor left for a connection: they wait in the kernel. */
const BACK_OFF = 1_000;

/** Answers what comes to a listening TCP socket. The listener stays its owner's, who closes it afterwards. */
export class StreamService implements Disposable {
  readonly #listener: Fd;
  readonly #options: StreamServiceOptions;
  readonly #watch: PollWatch;
  /** In the order in which they came. */
  readonly #connections = new Set<Connection>();
  #backOff: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: Fd, options: StreamServiceOptions) {
    this.#listener = listener;
    this.#options = options;
    this.#watch = options.poller.watch(listener, { read: () => this.#accept() });
  }

  #accept(): void {
    try {
      using stack = new DisposableStack();
      const accepted = tryAccept(this.#listener);
      if (accepted === undefined) return;
      const socket = stack.use(accepted.socket);
      const [oldest] = this.#connections;
      if (oldest !== undefined && this.#connections.size >= LIMIT) oldest[Symbol.dispose]();
      const connection = new Connection(socket, this.#options, () => this.#connections.delete(connection));
      this.#connections.add(connection);
      stack.move();
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.#watch.pause();
      this.#backOff = setTimeout(() => this.#watch.resume(), BACK_OFF);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#backOff);
    this.#watch[Symbol.dispose]();
    for (const connection of this.#connections) connection[Symbol.dispose]();
  }
}

/** Answers go back in the order in which they are found, not in that of the questions (RFC 7766 section 7). */
class Connection implements Disposable {
  readonly #stream: MessageStream;
  readonly #options: StreamServiceOptions;
  readonly #closed: () => void;
  #unanswered = 0;
  #ended = false;
  #disposed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Fd, options: StreamServiceOptions, closed: () => void) {
    this.#options = options;
    this.#closed = closed;
    const close = () => this[Symbol.dispose]();
    this.#stream = new MessageStream(socket, options.poller, {
      message: (message) => this.#resolve(message),
      drained: () => this.#closeIfDone(),
      end: () => this.#end(),
      broken: close,
    });
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this[Symbol.dispose](), this.#options.idle ?? IDLE);
  }

  #resolve(message: Bytes): void {
    this.#wait();
    this.#unanswered++;
    this.#options.resolver.resolve(message, "tcp", (response) => {
      if (this.#disposed) return;
      this.#wait();
      this.#unanswered--;
      this.#stream.send(response);
    });
  }

  /** A client may close his half as soon as he has asked. */
  #end(): void {
    this.#ended = true;
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#ended && this.#unanswered === 0 && this.#stream.waiting === 0) this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#stream[Symbol.dispose]();
    this.#closed();
  }
}
