/** Datagrams with the address that they were sent to (recvmsg(2), sendmsg(2), IP_PKTINFO). */
import { ERRNO } from "./errno.ts";
import type { Fd } from "./fd.ts";
import { invoke, lastErrno, libc } from "./libc.ts";
import { SyscallError } from "./syscall_error.ts";

/** Who sent a datagram, and which address of ours it was sent to: what an answer needs. Opaque. */
export interface Correspondent {
  readonly peer: Uint8Array<ArrayBuffer>;
  /** Control message with the address of ours. */
  readonly own: Uint8Array<ArrayBuffer>;
}

export interface ReceivedDatagram {
  /** Valid until the next is received. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** The same for all datagrams of one correspondent. */
  readonly key: string;
  /** Copied out for whoever keeps it. */
  readonly correspondent: () => Correspondent;
}

/** Options and control messages by family (ip(7), ipv6(7)): struct in_pktinfo has the address at 4, in6_pktinfo at 0. */
const PKTINFO = {
  4: { receive: [0, 8], level: 0, type: 8, size: 12, address: 4, addressSize: 4, peerSize: 16 },
  6: { receive: [41, 49], level: 41, type: 50, size: 20, address: 0, addressSize: 16, peerSize: 28 },
} as const;
const CMSG_HEADER = 16;
const LARGEST_DATAGRAM = 1 << 16;

/**
 * A datagram socket that knows which of the host's addresses each datagram was sent to, and answers from that one. One
 * bound to all addresses would answer from the address of the interface that the answer leaves by, and a client that
 * had asked another does not know that one.
 */
export class DatagramPort {
  readonly #fd: Fd;
  readonly #info: (typeof PKTINFO)[4 | 6];

  /** Uses a bound socket, which stays the caller's. */
  constructor(fd: Fd, version: 4 | 6) {
    this.#fd = fd;
    this.#info = PKTINFO[version];
    const [level, name] = this.#info.receive;
    const on = new Uint8Array(new Int32Array([1]).buffer);
    invoke("setsockopt", () => libc().setsockopt(fd.number, level, name, on, on.length), () => ({
      object: `descriptor ${fd.number}, packet information`,
    }));
  }

  /** The next datagram; undefined when there is none now. @throws {SyscallError} what an earlier answer met */
  tryReceive(): ReceivedDatagram | undefined {
    const { peerSize, address, addressSize } = this.#info;
    const message = sharedMessage();
    message.control.fill(0); // what came before the option was set has no address of ours, and is answered from any
    message.prepare(LARGEST_DATAGRAM, peerSize, message.control.length);
    const size = this.#call("recvmsg", message);
    if (size === undefined) return undefined;
    const start = CMSG_HEADER + address;
    const own = message.control.slice(start, start + addressSize);
    const peer = message.peer.subarray(0, peerSize);
    return {
      data: message.data.subarray(0, size),
      key: `${peer.toHex()}${own.toHex()}`,
      correspondent: () => ({ peer: peer.slice(), own: this.#controlMessage(own) }),
    };
  }

  /** Answers; false when there is no room now. */
  tryAnswer({ peer, own }: Correspondent, data: Uint8Array<ArrayBuffer>): boolean {
    const message = sharedMessage();
    message.peer.set(peer);
    message.control.set(own);
    if (data.buffer !== message.data.buffer) message.data.set(data);
    message.prepare(data.length, peer.length, own.length);
    return this.#call("sendmsg", message) !== undefined;
  }

  #controlMessage(own: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { level, type, size, address } = this.#info;
    const bytes = new Uint8Array(CMSG_HEADER + ((size + 7) & ~7));
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(CMSG_HEADER + size), true);
    view.setInt32(8, level, true);
    view.setInt32(12, type, true);
    bytes.set(own, CMSG_HEADER + address);
    return bytes;
  }

  #call(call: "recvmsg" | "sendmsg", message: Message): number | undefined {
    for (;;) {
      const result = libc()[call](this.#fd.number, message.header, 0);
      if (result !== -1) return result;
      const errno = lastErrno();
      if (errno === ERRNO.EAGAIN) return undefined;
      if (errno !== ERRNO.EINTR) throw new SyscallError(call, errno, { object: `descriptor ${this.#fd.number}` });
    }
  }
}

/** struct msghdr (56 bytes), and behind it the struct iovec that it points to. */
interface Message {
  readonly header: Uint8Array<ArrayBuffer>;
  readonly peer: Uint8Array<ArrayBuffer>;
  readonly control: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
  prepare(dataSize: number, peerSize: number, controlSize: number): void;
}

let shared: Message | undefined;

/** One for all: each use is one synchronous block. */
function sharedMessage(): Message {
  return shared ??= makeMessage();
}

function makeMessage(): Message {
  const IOVEC = 56;
  const header = new Uint8Array(IOVEC + 16);
  const peer = new Uint8Array(28), control = new Uint8Array(64), data = new Uint8Array(LARGEST_DATAGRAM);
  const view = new DataView(header.buffer);
  const addressOf = (bytes: Uint8Array<ArrayBuffer>) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  const headerAddress = addressOf(header);
  view.setBigUint64(0, addressOf(peer), true);
  view.setBigUint64(16, headerAddress + BigInt(IOVEC), true);
  view.setBigUint64(24, 1n, true);
  view.setBigUint64(32, addressOf(control), true);
  view.setBigUint64(IOVEC, addressOf(data), true);
  return {
    header,
    peer,
    control,
    data,
    prepare(dataSize, peerSize, controlSize) {
      view.setUint32(8, peerSize, true);
      view.setUint32(40, controlSize, true);
      view.setUint32(48, 0, true);
      view.setUint32(IOVEC + 8, dataSize, true);
    },
  };
}
