import { invoke, libc } from "./libc.ts";

const POLLHUP = 0x10;
/** getsockopt(2), socket(7). */
const SOL_SOCKET = 1, SO_PEERCRED = 17;

/**
 * Whether the other end of a connected stream socket is closed altogether. A peer that has only shut down its sending
 * side, and so can still read, does not count (unix(7), POLLHUP of poll(2)).
 */
export function peerIsGone(socket: number): boolean {
  // struct pollfd: int fd, short events, short revents; POLLHUP is reported unasked.
  const request = new DataView(new ArrayBuffer(8));
  request.setInt32(0, socket, true);
  invoke("poll", () => libc().poll(new Uint8Array(request.buffer), 1n, 0), () => ({ object: `descriptor ${socket}` }));
  return (request.getInt16(6, true) & POLLHUP) !== 0;
}

/** The process that connected to a Unix socket; 0 if this pid namespace does not show it (SO_PEERCRED, unix(7)). */
export function peerPid(socket: number): number {
  const credentials = new Int32Array(3); // struct ucred: pid, uid, gid
  const size = new Uint8Array(new Uint32Array([credentials.byteLength]).buffer);
  invoke(
    "getsockopt",
    () => libc().getsockopt(socket, SOL_SOCKET, SO_PEERCRED, new Uint8Array(credentials.buffer), size),
    () => ({ object: `descriptor ${socket}`, flags: "SO_PEERCRED" }),
  );
  return credentials[0] ?? 0;
}
