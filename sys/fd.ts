import { invoke, libc } from "./libc.ts";

/** An open file descriptor that somebody owns: `using fd = …` closes it once. */
export class Fd implements Disposable {
  #number: number;

  /** Takes over an open descriptor. */
  constructor(number: number) {
    this.#number = number;
  }

  /** The number, for the next system call only; -1 after it is closed. */
  get number(): number {
    return this.#number;
  }

  /** Gives the number away: from here on somebody else closes it. */
  release(): number {
    const number = this.#number;
    this.#number = -1;
    return number;
  }

  close(): void {
    const number = this.release();
    // Linux frees the descriptor even when close reports an error, so there is nothing to repeat (close(2)).
    if (number >= 0) libc().close(number);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** "The current directory" for every call that takes a directory and a path (AT_FDCWD). */
export const CWD: Fd = new Fd(-100);

const F_DUPFD_CLOEXEC = 1030;

/** A second descriptor of the same open file, numbered `minimum` or higher, close-on-exec. */
export function duplicate(fd: Fd, minimum = 0): Fd {
  return new Fd(
    invoke("fcntl", () => libc().fcntl(fd.number, F_DUPFD_CLOEXEC, BigInt(minimum)), () => ({
      object: `descriptor ${fd.number}`,
      flags: "F_DUPFD_CLOEXEC",
    })),
  );
}

/** Lets descriptor `number` be a second one of the same open file; what it was is closed. It is inherited (dup2(2)). */
export function duplicateTo(fd: Fd, number: number): void {
  invoke("dup2", () => libc().dup2(fd.number, number), () => ({ object: `descriptor ${fd.number} to ${number}` }));
}
