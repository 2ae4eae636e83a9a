/** Joins a hijacked connection to the streams of a process, until either is done. */
import type { Socket } from "node:net";
import type { AttachedStreams, Bytes, OutputFrame } from "../base/container_engine.ts";
import { peerIsGone } from "../sys/peer.ts";
import { writeFrame } from "./write_frame.ts";
import { drained } from "./respond.ts";

/** Bytes of input under way to the process before the client has to wait. */
const INPUT_LIMIT = 256 << 10;
/** Milliseconds that a client has for closing its side after the end of the output. */
const LINGER = 2000;
/** Milliseconds between looks at whether a silent client is still there. Input on the way has so long to arrive. */
const PROBE = 1000;

/**
 * Carries output to the client and input to the process. The client's half-close ends stdin only. Settles when the
 * output has ended or the client is gone; the streams are released then.
 */
export async function joinStreams(
  socket: Socket,
  streams: AttachedStreams,
  { stdin, signal }: { stdin: boolean; signal: AbortSignal },
): Promise<void> {
  await using _ = streams;
  const gone = Promise.withResolvers<void>();
  const abort = () => void socket.destroy();
  socket.once("close", () => gone.resolve());
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  const input = stdin ? new Input(socket, streams) : undefined;
  if (input === undefined) socket.resume();
  socket.once("end", () => watchClient(socket));
  try {
    if (!socket.destroyed) await Promise.race([carryOutput(socket, streams), gone.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    input?.stop();
    finish(socket);
  }
}

async function carryOutput(socket: Socket, { output, tty }: AttachedStreams): Promise<void> {
  const write = tty
    ? (frame: OutputFrame) => socket.write(frame.data)
    : (frame: OutputFrame) => writeFrame(socket, frame);
  for await (const frame of output) {
    if (socket.destroyed) return;
    if (!write(frame) && !socket.destroyed) await drained(socket);
  }
}

/** The way from the client to stdin: in order, with a bound on what is under way. */
class Input {
  readonly #socket: Socket;
  readonly #streams: AttachedStreams;
  #last: Promise<void> = Promise.resolve();
  #underWay = 0;
  #stopped = false;
  #watched = false;

  constructor(socket: Socket, streams: AttachedStreams) {
    this.#socket = socket;
    this.#streams = streams;
    socket.on("data", (chunk: Bytes) => this.#take(chunk));
    socket.once("end", () => this.#then(() => streams.closeStdin()));
  }

  /** From here on input is dropped, but still read: a close with unread data would reset the connection. */
  stop(): void {
    this.#stopped = true;
    this.#socket.resume();
  }

  #take(chunk: Bytes): void {
    if (this.#stopped) return;
    this.#underWay += chunk.length;
    if (this.#underWay > INPUT_LIMIT) this.#hold();
    this.#then(async () => {
      await this.#streams.write(chunk);
      this.#underWay -= chunk.length;
      if (this.#underWay <= INPUT_LIMIT) this.#socket.resume();
    });
  }

  #hold(): void {
    this.#socket.pause();
    if (!this.#watched) watchClient(this.#socket);
    this.#watched = true;
  }

  /** A process that has closed its stdin or ended is no error: its output tells the story. */
  #then(step: () => Promise<void>): void {
    this.#last = this.#last.then(() => this.#stopped ? undefined : step()).catch(() => this.stop());
  }
}

function finish(socket: Socket): void {
  if (socket.destroyed) return;
  socket.resume();
  socket.end();
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.once("close", () => clearTimeout(timer));
}

/** A socket as Deno and Node have it inside; the number is not in the public types. */
type HandledSocket = Socket & { _handle?: { fd?: number } | null };

/**
 * Cuts the connection when the client is gone, not only its sending side. Nobody else tells: after its FIN, or while
 * the process takes no input, nothing is read, and a process that prints nothing gives no reason to write.
 */
function watchClient(socket: HandledSocket): void {
  const timer = setInterval(() => {
    const fd = socket._handle?.fd ?? -1;
    if (fd >= 0 && peerIsGone(fd)) socket.destroy();
  }, PROBE);
  socket.once("close", () => clearInterval(timer));
}
