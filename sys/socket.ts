/**
 * Sockets on which nothing waits: made nonblocking and close-on-exec, watched by the reactor. A socket belongs to the
 * network namespace of the thread that made it, for good; so one that is made inside a visit to a container's namespace
 * (namespace.ts) is the engine's ear in there.
 */
import { addressText } from "../base/address_text.ts";
import { ERRNO } from "./errno.ts";
import { Fd } from "./fd.ts";
import { invoke, lastErrno, libc } from "./libc.ts";
import {
  familyOf,
  packSocketAddress,
  SOCKADDR_SIZE,
  type SocketAddress,
  unpackSocketAddress,
} from "./socket_address.ts";
import { SyscallError } from "./syscall_error.ts";

export const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3, NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const;

/** Options by level and name (socket(7), tcp(7), ip(7), ipv6(7)). */
export const SO = {
  REUSEADDR: [1, 2],
  ERROR: [1, 4],
  RCVBUF: [1, 8],
  SNDBUF: [1, 7],
  KEEPALIVE: [1, 9],
  TCP_NODELAY: [6, 1],
  TCP_KEEPIDLE: [6, 4],
  TCP_KEEPINTVL: [6, 5],
  TCP_KEEPCNT: [6, 6],
  TCP_INFO: [6, 11],
  IP_PKTINFO: [0, 8],
  IPV6_V6ONLY: [41, 26],
} as const;

/** A socket of the family that `ip` belongs to. */
export function inetSocket(ip: string, type: "stream" | "datagram"): Fd {
  return socket(familyOf(ip), type === "stream" ? SOCK.STREAM : SOCK.DGRAM);
}

export function socket(family: number, type: number, protocol = 0): Fd {
  const flags = type | SOCK.NONBLOCK | SOCK.CLOEXEC;
  return new Fd(
    invoke(
      "socket",
      () => libc().socket(family, flags, protocol),
      () => ({ object: `family ${family}, type ${type}` }),
    ),
  );
}

/** @throws {SyscallError} EADDRINUSE, EADDRNOTAVAIL, EACCES */
export function bind(fd: Fd, address: SocketAddress): void {
  const packed = packSocketAddress(address);
  invoke("bind", () => libc().bind(fd.number, packed, packed.length), () => ({ object: addressText(address) }));
}

export function listen(fd: Fd, backlog = 4096): void {
  invoke("listen", () => libc().listen(fd.number, backlog), () => ({ object: `descriptor ${fd.number}` }));
}

/** The next connection, nonblocking; undefined when there is none now. */
export function tryAccept(fd: Fd): { socket: Fd; from: SocketAddress } | undefined {
  const address = new Uint8Array(SOCKADDR_SIZE);
  for (;;) {
    const size = new Uint32Array([SOCKADDR_SIZE]);
    const number = libc().accept4(fd.number, address, new Uint8Array(size.buffer), SOCK.NONBLOCK | SOCK.CLOEXEC);
    if (number !== -1) {
      return { socket: new Fd(number), from: unpackSocketAddress(address) ?? { ip: "0.0.0.0", port: 0 } };
    }
    const errno = lastErrno();
    if (errno === ERRNO.EAGAIN) return undefined;
    // A connection that was broken off while it waited is none of the listener's errors (accept(2)).
    if (errno !== ERRNO.EINTR && errno !== ERRNO.ECONNABORTED) {
      throw new SyscallError("accept4", errno, { object: `descriptor ${fd.number}` });
    }
  }
}

/** Begins to connect; the socket becomes writable when it is decided, and {@link takeError} says how. */
export function beginConnect(fd: Fd, address: SocketAddress): void {
  const packed = packSocketAddress(address);
  if (libc().connect(fd.number, packed, packed.length) !== -1) return;
  const errno = lastErrno();
  if (errno !== ERRNO.EINPROGRESS) throw new SyscallError("connect", errno, { object: addressText(address) });
}

/** The error that a socket has met in the background, 0 if none; it is forgotten by being asked for. */
export function takeError(fd: Fd): number {
  return getOption(fd, SO.ERROR);
}

export function getOption(fd: Fd, [level, name]: readonly [number, number]): number {
  const value = new Int32Array(1);
  const size = new Uint32Array([4]);
  invoke(
    "getsockopt",
    () => libc().getsockopt(fd.number, level, name, new Uint8Array(value.buffer), new Uint8Array(size.buffer)),
    () => ({ object: `descriptor ${fd.number}, option ${level}/${name}` }),
  );
  return value[0] ?? 0;
}

export function setOption(fd: Fd, [level, name]: readonly [number, number], value: number): void {
  const bytes = new Uint8Array(new Int32Array([value]).buffer);
  invoke("setsockopt", () => libc().setsockopt(fd.number, level, name, bytes, 4), () => ({
    object: `descriptor ${fd.number}, option ${level}/${name} = ${value}`,
  }));
}

const SOL_TCP = 6, TCP_CONGESTION = 13;
/** Built into every kernel, and allowed to everybody. */
const RENO = new TextEncoder().encode("reno");

/**
 * Takes the plainest congestion control (tcp(7)). For a connection that does not leave this host: what a server has for
 * the internet, as bbr, sends by timers, which holds up such a connection and does it no good.
 */
export function useReno(connection: Fd): void {
  invoke("setsockopt", () => libc().setsockopt(connection.number, SOL_TCP, TCP_CONGESTION, RENO, RENO.length), () => ({
    object: `descriptor ${connection.number}, TCP_CONGESTION = reno`,
  }));
}

/** The address that the socket is bound to. */
export function ownAddress(fd: Fd): SocketAddress {
  const address = new Uint8Array(SOCKADDR_SIZE);
  const size = new Uint8Array(new Uint32Array([SOCKADDR_SIZE]).buffer);
  invoke("getsockname", () => libc().getsockname(fd.number, address, size), () => ({
    object: `descriptor ${fd.number}`,
  }));
  return unpackSocketAddress(address) ?? { ip: "0.0.0.0", port: 0 };
}

/** The next datagram and whose it is; undefined when there is none now. What does not fit into `into` is cut off. */
export function tryReceive(
  fd: Fd,
  into: Uint8Array<ArrayBuffer>,
): { size: number; from: SocketAddress | undefined } | undefined {
  const address = new Uint8Array(SOCKADDR_SIZE);
  for (;;) {
    const addressSize = new Uint8Array(new Uint32Array([SOCKADDR_SIZE]).buffer);
    const size = libc().recvfrom(fd.number, into, BigInt(into.length), 0, address, addressSize);
    if (size !== -1) return { size, from: unpackSocketAddress(address) };
    const errno = lastErrno();
    if (errno === ERRNO.EAGAIN) return undefined;
    if (errno !== ERRNO.EINTR) throw new SyscallError("recvfrom", errno, { object: `descriptor ${fd.number}` });
  }
}

const MSG_NOSIGNAL = 0x4000;

/** Sends a datagram, to the peer when no address is given; false when there is no room now. */
export function trySend(fd: Fd, data: Uint8Array<ArrayBuffer>, to?: SocketAddress): boolean {
  const address = to === undefined ? null : packSocketAddress(to);
  for (;;) {
    const sent = libc().sendto(fd.number, data, BigInt(data.length), MSG_NOSIGNAL, address, address?.length ?? 0);
    if (sent !== -1) return true;
    const errno = lastErrno();
    if (errno === ERRNO.EAGAIN) return false;
    if (errno !== ERRNO.EINTR) {
      throw new SyscallError("sendto", errno, {
        object: to === undefined ? `descriptor ${fd.number}` : addressText(to),
      });
    }
  }
}

/** No more is sent: the other side reads its end, and may go on sending. */
export function closeSending(fd: Fd): void {
  const SHUT_WR = 1;
  invoke("shutdown", () => libc().shutdown(fd.number, SHUT_WR), () => ({ object: `descriptor ${fd.number}` }));
}
