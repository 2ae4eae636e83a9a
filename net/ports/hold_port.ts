/**
 * Holding a port of the host: a socket is bound to it, so that no other process can have it, and one that another
 * process has is noticed. Nobody listens on the socket: packets that the firewall does not send on are refused, not
 * swallowed.
 */
import type { Fd } from "../../sys/fd.ts";
import { bind, listen, setOption, SO, SOCK, socket } from "../../sys/socket.ts";
import { familyOf } from "../../sys/socket_address.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { stopListening } from "../../sys/try_splice.ts";
import type { PublishedPort } from "./published_port.ts";

const IPPROTO_SCTP = 132;

/**
 * Binds the port in the network namespace of the calling thread; undefined where the kernel does not know the protocol
 * (SCTP is a module), so that nobody else can have the port either.
 * @throws {SyscallError} EADDRINUSE: another process has it; EADDRNOTAVAIL: the host has no such address
 */
export function holdPort(port: PublishedPort): Fd | undefined {
  const fd = socketFor(port);
  if (fd === undefined) return undefined;
  try {
    // Without it `::` would mean IPv4 as well, and `0.0.0.0` could not be held beside it (ipv6(7)).
    if (port.hostIp.includes(":")) setOption(fd, SO.IPV6_V6ONLY, 1);
    if (port.protocol === "tcp") bindFirmly(fd, port);
    else bind(fd, { ip: port.hostIp, port: port.hostPort });
    return fd;
  } catch (error) {
    fd.close();
    throw error;
  }
}

/**
 * SO_REUSEADDR is needed, or connections in TIME_WAIT of whoever had the port before would keep it for a minute. But
 * with it, and without anybody who listens, every other process that sets it can bind the port and listen (socket(7)).
 * So it is taken back. Linux 6.18 asks for no more; older kernels go by a note that all sockets of the port agreed
 * (`fastreuse` in inet_csk_get_port), and lose it when one of them listens, if for a moment only.
 */
function bindFirmly(fd: Fd, { hostIp, hostPort }: PublishedPort): void {
  setOption(fd, SO.REUSEADDR, 1);
  bind(fd, { ip: hostIp, port: hostPort });
  listen(fd, 0);
  setOption(fd, SO.REUSEADDR, 0);
  stopListening(fd);
}

/**
 * Makes a held socket ready for somebody who listens on it at once. Connections inherit the option, and what is left of
 * them in TIME_WAIT has to agree with the next who binds the port.
 */
export function prepareToListen(fd: Fd): void {
  setOption(fd, SO.REUSEADDR, 1);
}

function socketFor({ protocol, hostIp }: PublishedPort): Fd | undefined {
  const family = familyOf(hostIp);
  if (protocol !== "sctp") return socket(family, protocol === "tcp" ? SOCK.STREAM : SOCK.DGRAM);
  try {
    return socket(family, SOCK.STREAM, IPPROTO_SCTP);
  } catch (error) {
    if (isErrno(error, "EPROTONOSUPPORT")) return undefined;
    throw error;
  }
}

/** Whether the host has IPv6: not when the kernel was started without, nor when it is switched off for `lo`. */
export function hasIpv6(): boolean {
  try {
    using fd = socket(familyOf("::1"), SOCK.STREAM);
    bind(fd, { ip: "::1", port: 0 });
    return true;
  } catch (error) {
    if (isErrno(error, "EAFNOSUPPORT", "EADDRNOTAVAIL")) return false;
    throw error;
  }
}
