import type { Fd } from "../../sys/fd.ts";
import { pipe } from "../../sys/file.ts";
import { O } from "../../sys/open.ts";
import { setPipeSize } from "../../sys/splice.ts";
import { isErrno } from "../../sys/syscall_error.ts";

/** What data pass through on their way from socket to socket, without ever being copied (splice(2)). */
export interface Pipe {
  readonly reader: Fd;
  readonly writer: Fd;
}

/** Most that one splice moves. A quarter of a megabyte stays in the processor's cache on its way. */
export const PIPE_SIZE = 256 << 10;

/**
 * Pipes for whoever moves data. A connection holds one only while data wait in it for a slow reader, so that thousands
 * of idle connections need none, and all that flow freely take turns with the same one.
 */
export class PipePool implements Disposable {
  readonly #free: Pipe[] = [];
  readonly #keep: number;
  #disposed = false;

  /** Keeps up to `keep` pipes that nobody uses. */
  constructor(keep = 4) {
    this.#keep = keep;
  }

  /** @throws {SyscallError} EMFILE, ENFILE */
  take(): Pipe {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const made = pipe(O.NONBLOCK);
    try {
      setPipeSize(made.writer, PIPE_SIZE);
    } catch (error) {
      // An engine without CAP_SYS_RESOURCE that has many pipes is refused larger ones (pipe(7)); a small one serves.
      if (!isErrno(error, "EPERM")) throw error;
    }
    return made;
  }

  /** Takes back a pipe that is empty. */
  giveBack(empty: Pipe): void {
    if (this.#disposed || this.#free.length >= this.#keep) this.discard(empty);
    else this.#free.push(empty);
  }

  /** Takes back a pipe that may hold data which nobody wants any more. */
  discard({ reader, writer }: Pipe): void {
    reader.close();
    writer.close();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const free of this.#free.splice(0)) this.discard(free);
  }
}
