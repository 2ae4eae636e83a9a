/** Processes held by a descriptor: the pid behind it cannot become another process's (pidfd_open(2), Linux 5.3). */
import { Fd } from "./fd.ts";
import { invoke, libc, SYS } from "./libc.ts";

/** A descriptor of process `pid`, close-on-exec; readable once the process has ended. */
export function pidfdOpen(pid: number): Fd {
  return new Fd(
    invoke("pidfd_open", () => libc().pidfd_open(SYS.pidfd_open, pid, 0), () => ({ object: `pid ${pid}` })),
  );
}

/**
 * A second descriptor, close-on-exec, of the open file that the process has under `number` (Linux 5.6).
 * @throws {SyscallError} ESRCH when the process has ended, EBADF when it has no such descriptor
 */
export function pidfdGetFd(pidfd: Fd, number: number): Fd {
  return new Fd(
    invoke("pidfd_getfd", () => libc().pidfd_getfd(SYS.pidfd_getfd, pidfd.number, number, 0), () => ({
      object: `descriptor ${number} of pidfd ${pidfd.number}`,
    })),
  );
}

/** Sends a signal; 0 only asks whether one could be sent. ESRCH when the process has ended. */
export function pidfdSendSignal(pidfd: Fd, signal: number): void {
  invoke(
    "pidfd_send_signal",
    () => libc().pidfd_send_signal(SYS.pidfd_send_signal, pidfd.number, signal, null, 0),
    () => ({ object: `signal ${signal} to pidfd ${pidfd.number}` }),
  );
}
