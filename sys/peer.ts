import { invoke, libc } from "./libc.ts";

const POLLHUP = 0x10;

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
