/** What a proxy does with connections whose data it never looks at: it moves them on, it breaks them off. */
import { ERRNO } from "./errno.ts";
import type { Fd } from "./fd.ts";
import { invoke, lastErrno, libc } from "./libc.ts";
import { SPLICE_F } from "./splice.ts";
import { SyscallError } from "./syscall_error.ts";

/**
 * Moves up to `length` bytes between a pipe and something else and returns how many: 0 at the end of `from`, undefined
 * when nothing can be moved now. That is what ends every turn of a proxy, and an exception for it would cost too much.
 * @throws {SyscallError} ECONNRESET, EPIPE: the other side is gone
 */
export function trySplice(from: Fd, to: Fd, length: number): number | undefined {
  const wanted = BigInt(length);
  for (;;) {
    const moved = libc().splice(from.number, null, to.number, null, wanted, SPLICE_F.MOVE | SPLICE_F.NONBLOCK);
    if (moved !== -1) return moved;
    const errno = lastErrno();
    if (errno === ERRNO.EAGAIN) return undefined;
    if (errno !== ERRNO.EINTR) {
      throw new SyscallError("splice", errno, { object: `descriptor ${from.number} to ${to.number}` });
    }
  }
}

const SOL_SOCKET = 1, SO_LINGER = 13;
/** struct linger: on, for no time at all. */
const AT_ONCE = new Uint8Array(new Int32Array([1, 0]).buffer);

/** Closes a connection so that the other side gets a reset, not an end that it would take for a good one (socket(7)). */
export function reset(connection: Fd): void {
  // Whatever is wrong with the socket, it is closed afterwards.
  libc().setsockopt(connection.number, SOL_SOCKET, SO_LINGER, AT_ONCE, AT_ONCE.length);
  connection.close();
}

/**
 * Stops to listen: whoever waits to be accepted is reset. The socket stays bound, so the port stays taken, if it was
 * bound to a port that the caller had named; one of the kernel's choice is given back.
 */
export function stopListening(listener: Fd): void {
  const SHUT_RD = 0;
  invoke("shutdown", () => libc().shutdown(listener.number, SHUT_RD), () => ({
    object: `listening descriptor ${listener.number}`,
  }));
}
