/** The connection to a client: the offer to run its command; then its signals come in, how the command ends goes out. */
import { SIGNALS } from "../base/signals.ts";
import type { Reactor, Watch } from "../runtime/reactor.ts";
import type { Fd } from "../sys/fd.ts";
import { writeAll } from "../sys/file.ts";
import { tryRead } from "../sys/nonblocking.ts";
import { PASSED_ON } from "./client.ts";

export class Connection implements Disposable {
  readonly #fd: Fd;
  readonly #reactor: Reactor;
  #watch: Watch | undefined;
  readonly #onExit = () => this.#sayHow(0, Deno.exitCode);

  constructor(fd: Fd, reactor: Reactor) {
    this.#fd = fd;
    this.#reactor = reactor;
  }

  get number(): number {
    return this.#fd.number;
  }

  /** Offers to run the command; whether the client has taken that. If not it has gone. */
  async offer(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    try {
      writeAll(this.#fd, new Uint8Array(1));
    } catch {
      return false;
    }
    using _watch = this.#reactor.watch(this.#fd, {
      read: () => {
        const size = this.#read(new Uint8Array(1));
        if (size !== undefined) resolve(size === 1);
      },
    });
    return await promise;
  }

  /** Its command is ours now. Its signals are ours, too; when it is gone, so are we; and if we exit it hears how. */
  follow(): void {
    addEventListener("unload", this.#onExit);
    this.#watch = this.#reactor.watch(this.#fd, {
      read: () => {
        const data = new Uint8Array(64);
        const size = this.#read(data);
        if (size === undefined) return;
        if (size === 0) Deno.exit(128 + (SIGNALS.KILL ?? 0));
        for (let at = 0; at + 8 <= size; at += 8) this.#passOn(data[at] ?? 0);
      },
    });
  }

  /** How the client is to end once the connection does, unless something else is said before: two words of 64 bits. */
  #sayHow(signal: number, code: number): void {
    try {
      writeAll(this.#fd, new Uint8Array(new BigUint64Array([BigInt(signal), BigInt(code)]).buffer));
    } catch {
      // It has gone, and will not hear it.
    }
  }

  /** How it ends, whatever becomes of us. */
  end(code: number): void {
    removeEventListener("unload", this.#onExit);
    this.#sayHow(0, code);
  }

  [Symbol.dispose](): void {
    removeEventListener("unload", this.#onExit);
    this.#watch?.[Symbol.dispose]();
    this.#fd.close();
  }

  /** If nobody here listens to the signal it is our end (unless it is one of two), and the client's: so it is told before. */
  #passOn(signal: number): void {
    const [name] = Object.entries(SIGNALS).find(([, number]) => number === signal) ?? [];
    if (name === undefined || !PASSED_ON.includes(signal)) return;
    if (signal !== SIGNALS.CONT && signal !== SIGNALS.WINCH) this.#sayHow(signal, 128 + signal);
    Deno.kill(Deno.pid, `SIG${name}` as Deno.Signal);
  }

  /** How much there was; 0 when the other end is closed, undefined when there is nothing now. */
  #read(into: Uint8Array<ArrayBuffer>): number | undefined {
    try {
      return tryRead(this.#fd, into);
    } catch {
      return 0; // it has died with something of ours unread
    }
  }
}
