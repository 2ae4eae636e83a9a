/** The connection to the client whose command runs here: its signals come in, how the command ends goes out. */
import type { Socket } from "node:net";
import { SIGNALS } from "../base/signals.ts";
import { Fd } from "../sys/fd.ts";
import { writeAll } from "../sys/file.ts";
import { closeSending } from "../sys/close_sending.ts";

/** Exit code of one that is killed. */
const KILLED = 128 + 9;

type SocketWithHandle = Socket & { _handle?: { fd?: number } | null };

export class Connection {
  readonly #socket: SocketWithHandle;
  readonly #onExit = () => this.end(Deno.exitCode);

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get number(): number {
    return this.#socket._handle?.fd ?? -1;
  }

  /** Says that its command is ours now. Its signals are ours, too; when it is gone, so are we. */
  follow(): void {
    this.#say(new Uint8Array(1));
    addEventListener("unload", this.#onExit);
    this.#socket.on("data", (data) => {
      for (let at = 0; at + 8 <= data.length; at += 8) this.#passOn(data[at] ?? 0);
    });
    this.#socket.on("close", leave);
    this.#socket.on("error", () => {});
    this.#socket.resume();
  }

  /** Lets the client end with an exit code. */
  end(code: number): void {
    removeEventListener("unload", this.#onExit);
    this.#sayHow(0, code);
    closeSending(new Fd(this.number));
  }

  /** Closes it, and we go on. */
  async close(): Promise<void> {
    this.#socket.off("close", leave);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once("close", () => resolve());
    this.#socket.destroy();
    await promise;
  }

  /** If nobody here listens to the signal it is our end (unless it is one of two), and the client's: so it is told before. */
  #passOn(signal: number): void {
    const [name] = Object.entries(SIGNALS).find(([, number]) => number === signal) ?? [];
    if (name === undefined || signal === SIGNALS.IO) return;
    if (signal !== SIGNALS.CONT && signal !== SIGNALS.WINCH) this.#sayHow(signal, 128 + signal);
    Deno.kill(Deno.pid, `SIG${name}` as Deno.Signal);
  }

  /** How the client is to end once the connection does, unless something else is said before: two words of 64 bits. */
  #sayHow(signal: number, code: number): void {
    this.#say(new Uint8Array(new BigUint64Array([BigInt(signal), BigInt(code)]).buffer));
  }

  #say(data: Uint8Array<ArrayBuffer>): void {
    try {
      writeAll(new Fd(this.number), data);
    } catch {
      leave(); // it has gone before us
    }
  }
}

/** Without the one whose command it is there is nothing to do. */
function leave(): never {
  Deno.exit(KILLED);
}
