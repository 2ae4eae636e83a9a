/** Sockets in the file system (unix(7)): nonblocking, close-on-exec, watched by the reactor. */
import { ERRNO } from "./errno.ts";
import { Fd } from "./fd.ts";
import { invoke, lastErrno, libc } from "./libc.ts";
import { SyscallError } from "./syscall_error.ts";

const AF_UNIX = 1, SOCK_STREAM = 1, NONBLOCK = 0o4000, CLOEXEC = 0o2000000;

/** struct sockaddr_un: the family, then the path and a NUL. */
export function packUnixAddress(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array([AF_UNIX, 0, ...new TextEncoder().encode(path), 0]);
}

/** A socket that listens at `path`, of at most 107 bytes, where nothing may be. Its mode comes from the umask. */
export function listenAt(path: string): Fd {
  using undo = new DisposableStack();
  const object = () => ({ object: path });
  const fd = undo.use(
    new Fd(invoke("socket", () => libc().socket(AF_UNIX, SOCK_STREAM | NONBLOCK | CLOEXEC, 0), object)),
  );
  const address = packUnixAddress(path);
  invoke("bind", () => libc().bind(fd.number, address, address.length), object);
  invoke("listen", () => libc().listen(fd.number, 128), object);
  undo.move();
  return fd;
}

/** The next connection; undefined when there is none now, or it was broken off. */
export function tryAcceptAt(listener: Fd): Fd | undefined {
  const number = libc().accept4(listener.number, null, null, NONBLOCK | CLOEXEC);
  if (number !== -1) return new Fd(number);
  const errno = lastErrno();
  if (errno === ERRNO.EAGAIN || errno === ERRNO.EINTR || errno === ERRNO.ECONNABORTED) return undefined;
  throw new SyscallError("accept4", errno, { object: `descriptor ${listener.number}` });
}
