/** Netlink sockets (netlink(7)): how the kernel's tables of links, addresses, routes and flows are read and changed. */
import { ERRNO } from "./errno.ts";
import type { Fd } from "./fd.ts";
import { lastErrno, libc } from "./libc.ts";
import { setOption, SOCK, socket, trySend } from "./socket.ts";
import { AF } from "./socket_address.ts";
import { SyscallError } from "./syscall_error.ts";

/** Parts of the kernel that speak it (linux/netlink.h). */
export const NETLINK = { ROUTE: 0, NETFILTER: 12 } as const;
export type NetlinkFamily = keyof typeof NETLINK;

const SOL_NETLINK = 270;
/** Acknowledgements do not quote the request, and carry the kernel's own words on what was wrong with it. */
const NETLINK_CAP_ACK = 10, NETLINK_EXT_ACK = 11;

const MSG_TRUNC = 0x20;
const SOCKADDR_NL_SIZE = 12;

/**
 * The kernel makes the parts of a list as large as the reader has room, up to 32 KiB (netlink_recvmsg, Linux 4.10).
 * One buffer serves all sockets: what is received is read before the next call.
 */
const inbox = new Uint8Array(32 << 10);

/**
 * A socket to the kernel in the network namespace that it was opened in. Nothing waits: the kernel handles a request,
 * and puts the answer into the socket, within the call that sends it.
 */
export class NetlinkSocket implements Disposable {
  readonly #fd: Fd;
  readonly #family: NetlinkFamily;

  private constructor(fd: Fd, family: NetlinkFamily) {
    this.#fd = fd;
    this.#family = family;
  }

  /** @throws {SyscallError} EPROTONOSUPPORT when the kernel is built without that family */
  static open(family: NetlinkFamily): NetlinkSocket {
    const fd = socket(AF.NETLINK, SOCK.RAW, NETLINK[family]);
    try {
      setOption(fd, [SOL_NETLINK, NETLINK_CAP_ACK], 1);
      setOption(fd, [SOL_NETLINK, NETLINK_EXT_ACK], 1);
      return new NetlinkSocket(fd, family);
    } catch (error) {
      fd.close();
      throw error;
    }
  }

  /** Sends one message or several, each aligned to four bytes. Without an address they go to the kernel. */
  send(messages: Uint8Array<ArrayBuffer>): void {
    if (!trySend(this.#fd, messages)) throw new SyscallError("sendto", ERRNO.EAGAIN, { object: this.#name });
  }

  /** The same on another thread, for what keeps the kernel busy; settles when it is done, whatever the answer is. */
  async sendAside(messages: Uint8Array<ArrayBuffer>): Promise<void> {
    await libc().sendto_aside(this.#fd.number, messages, BigInt(messages.length), 0, null, 0);
  }

  /**
   * Messages that the kernel has answered with; the bytes are good until the next call, on any socket.
   *
   * @throws {SyscallError} EAGAIN when there are none; ENOBUFS when there were more than the socket could hold
   */
  receive(): Uint8Array<ArrayBuffer> {
    for (;;) {
      const sender = new Uint8Array(SOCKADDR_NL_SIZE);
      const senderSize = new Uint8Array(new Uint32Array([SOCKADDR_NL_SIZE]).buffer);
      const { number } = this.#fd;
      const size = libc().recvfrom(number, inbox, BigInt(inbox.length), MSG_TRUNC, sender, senderSize);
      if (size === -1) {
        const errno = lastErrno();
        if (errno === ERRNO.EINTR) continue;
        throw new SyscallError("recvfrom", errno, { object: this.#name });
      }
      // Root of a container can send to a socket that lives in its namespace; only the kernel's port is 0.
      if (new DataView(sender.buffer).getUint32(4, true) !== 0) continue;
      if (size > inbox.length) throw new SyscallError("recvfrom", ERRNO.EMSGSIZE, { object: this.#name });
      return inbox.subarray(0, size);
    }
  }

  get #name(): string {
    return `netlink socket (NETLINK_${this.#family})`;
  }

  [Symbol.dispose](): void {
    this.#fd.close();
  }
}
