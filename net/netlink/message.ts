/**
 * Netlink messages: `struct nlmsghdr` (length, type, flags, sequence number, port), a struct that depends on the type,
 * attributes. Several stand in a row, each aligned to four bytes.
 */
import { internal } from "../../base/errors.ts";
import { align, type Attribute, sizeOf, writeAttributes } from "./attribute.ts";

/** What the kernel is asked to do, before it has a number. */
export interface Request {
  /** In words, for errors: `create veth`. */
  readonly verb: string;
  /** What it is done to, in words: `vethab12 on bridge 5`. */
  readonly object: string;
  readonly type: number;
  readonly flags: number;
  /** The struct of this type of message. */
  readonly header: Uint8Array;
  readonly attributes: readonly Attribute[];
}

/** What the kernel has said. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** What follows the header of every message. */
  readonly payload: Uint8Array;
}

/** Types of message that every family has, and flags (linux/netlink.h). */
export const NLMSG = { ERROR: 2, DONE: 3 } as const;
export const NLM_F = {
  REQUEST: 0x1,
  MULTI: 0x2,
  ACK: 0x4,
  /** In an answer: the list has changed while it was read. */
  DUMP_INTR: 0x10,
  /** In a request for a list. */
  DUMP: 0x300,
  /** In a request for something new. */
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  /** In an acknowledgement: it has attributes. */
  ACK_TLVS: 0x200,
} as const;

export const MESSAGE_HEADER = 16;

/** The messages as they are sent in one go; they are numbered from `sequence` on. */
export function encodeRequests(requests: readonly Request[], sequence: number): Uint8Array<ArrayBuffer> {
  const lengths = requests.map(({ header, attributes }) => MESSAGE_HEADER + align(header.length) + sizeOf(attributes));
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  requests.forEach(({ type, flags, header, attributes }, number) => {
    view.setUint32(at, lengths[number] ?? 0, true);
    view.setUint16(at + 4, type, true);
    view.setUint16(at + 6, flags, true);
    view.setUint32(at + 8, sequence + number, true);
    bytes.set(header, at + MESSAGE_HEADER);
    at = writeAttributes(view, at + MESSAGE_HEADER + align(header.length), attributes);
  });
  return bytes;
}

/** The messages that `bytes` consist of. */
export function* messagesIn(bytes: Uint8Array): Generator<Message> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + MESSAGE_HEADER <= bytes.length;) {
    const length = view.getUint32(at, true);
    if (length < MESSAGE_HEADER || at + length > bytes.length) {
      throw internal(`netlink message of ${length} bytes where ${bytes.length - at} are left`);
    }
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      payload: bytes.subarray(at + MESSAGE_HEADER, at + length),
    };
    at += align(length);
  }
}
