/**
 * One connection through the proxy.
 *
 *     client ══▶ client's socket ──pipe──▶ target's socket ══▶ container      up
 *     client ◀══ client's socket ◀──pipe── target's socket ◀══ container      down
 *
 * **Life.** It begins while the target is being connected to; the client is not read before that has come off, so that
 * its data wait in the kernel. Then each direction goes its own way: the end that one side sends is passed on and the
 * other direction goes on (half-close). When both have ended, so has the relay.
 *
 * **Back-pressure.** Where there is no room, reading is paused until there is, so at most a pipe full is held here, and
 * the sender feels the reader's speed.
 *
 * **Breaks.** A reset or a time-out of one side becomes a reset of the other: half an answer that ends like a whole one
 * would be taken for it. So does a target that refuses.
 */
import type { Bytes } from "../../base/container_engine.ts";
import { ERRNO } from "../../sys/errno.ts";
import type { Fd } from "../../sys/fd.ts";
import { tryWrite } from "../../sys/nonblocking.ts";
import { closeSending, getOption, SO, takeError } from "../../sys/socket.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
import { reset } from "../../sys/try_splice.ts";
import type { Poller, PollWatch } from "../poller.ts";
import { OneWay } from "./one_way.ts";
import type { PipePool } from "./pipe_pool.ts";

export interface RelayOptions {
  /** Connected; it belongs to the relay. */
  readonly client: Fd;
  /** Being connected; it belongs to the relay. */
  readonly target: Fd;
  /** What the target is told before the client's first byte. */
  readonly header?: Bytes;
  readonly poller: Poller;
  readonly pipes: PipePool;
  /** Called once; with an error if it was broken off. */
  readonly onEnd: (relay: Relay, error?: unknown) => void;
}

export class Relay implements Disposable {
  readonly #options: RelayOptions;
  readonly #up: Direction;
  readonly #down: Direction;
  /** Waits for the target's answer. */
  #connecting: PollWatch | undefined;
  #ended = false;

  constructor(options: RelayOptions) {
    const { client, target, pipes } = this.#options = options;
    this.#up = new Direction(client, target, pipes);
    this.#down = new Direction(target, client, pipes);
  }

  /** Waits for the target if need be; one on this very host has often answered within connect(2). */
  begin(): void {
    const { target, poller } = this.#options;
    this.#guard(() => {
      if (isEstablished(target)) this.#connected();
      else this.#connecting = poller.watch(target, { write: () => this.#guard(this.#decided) });
    });
  }

  readonly #decided = (): void => {
    const error = takeError(this.#options.target);
    if (error !== 0) throw new SyscallError("connect", error);
    this.#connected();
    this.#connecting?.[Symbol.dispose]();
  };

  readonly #connected = (): void => {
    const { target, header } = this.#options;
    // The buffer of a new connection is empty, so the header finds room in it as a whole.
    if (header !== undefined && tryWrite(target, header) !== header.length) {
      throw new SyscallError("write", ERRNO.EAGAIN, { object: "PROXY header" });
    }
    for (const direction of [this.#up, this.#down]) this.#listenTo(direction);
    this.#step(this.#up); // most clients speak first, and have done so by now
  };

  #listenTo(direction: Direction): void {
    direction.data = this.#options.poller.watch(direction.from, {
      read: () => this.#step(direction),
      hangup: () => this.#guard(() => direction.hangup()),
    });
  }

  #step(direction: Direction): void {
    if (this.#ended || direction.ended) return;
    this.#guard(() => {
      const progress = direction.way.move();
      if (progress === "end") return this.#end(direction);
      this.#options.poller.flows();
      if (progress !== "no room") return direction.flow();
      direction.hold();
      direction.room ??= this.#options.poller.watch(direction.to, { write: () => this.#step(direction) });
    });
  }

  #end(direction: Direction): void {
    direction.finish();
    if (this.#up.ended && this.#down.ended) this.#close((socket) => socket.close());
    else closeSending(direction.to);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#close(reset, error);
    }
  }

  #close(how: (socket: Fd) => void, error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const { client, target, onEnd } = this.#options;
    this.#connecting?.[Symbol.dispose]();
    this.#up[Symbol.dispose]();
    this.#down[Symbol.dispose]();
    how(client);
    how(target);
    onEnd(this, error);
  }

  /**
   * Ends it now, because the container is gone. What that has said with its last breath is passed on as far as there is
   * room, and if that was all, the client sees a good end, else a reset.
   */
  [Symbol.dispose](): void {
    if (this.#down.data !== undefined) this.#step(this.#down);
    this.#close(this.#down.ended ? (socket) => socket.close() : reset);
  }
}

/** Data from one side to the other, and who is watched for them. */
class Direction implements Disposable {
  readonly from: Fd;
  readonly to: Fd;
  readonly way: OneWay;
  /** Tells of data, and of the end of the connection. */
  data: PollWatch | undefined;
  /** Tells of room; made when there is none for the first time, which never comes for most. */
  room: PollWatch | undefined;
  ended = false;

  constructor(from: Fd, to: Fd, pipes: PipePool) {
    this.from = from;
    this.to = to;
    this.way = new OneWay(from, to, pipes);
  }

  /** There is room again, or always was. */
  flow(): void {
    this.room?.pause();
    this.data?.resume("read");
  }

  hold(): void {
    this.data?.pause("read");
    this.room?.resume();
  }

  finish(): void {
    this.ended = true;
    this.data?.pause("read");
    this.room?.pause();
  }

  /**
   * The source is broken, or its connection has ended both ways. The latter is told in every turn, too, and is no news:
   * what has come from there may still wait for room.
   */
  hangup(): void {
    const error = takeError(this.from);
    if (error !== 0) throw new SyscallError("connection", error);
    this.data?.pause("hangup");
  }

  [Symbol.dispose](): void {
    this.data?.[Symbol.dispose]();
    this.room?.[Symbol.dispose]();
    this.way[Symbol.dispose]();
  }
}

/** struct tcp_info, of which the first byte is the state (tcp(7)). */
const TCP_ESTABLISHED = 1;

function isEstablished(connection: Fd): boolean {
  return (getOption(connection, SO.TCP_INFO) & 0xff) === TCP_ESTABLISHED;
}
