/**
 * Queries of DNS as they come over the wire (RFC 1035 section 4, EDNS: RFC 6891). Of a message that a stranger made only
 * the header, the one question and the size of answers that he can take are looked at; what is passed on is passed on as
 * it came. That is why this is not left to a package that decodes it all: it would have to be encoded again, not quite as
 * it was, and dns-packet costs the engine's start 14 ms.
 */
import type { Bytes } from "../../base/container_engine.ts";

/** Types of records (RFC 1035, 3596, 6891). */
export const TYPE = { A: 1, PTR: 12, AAAA: 28, OPT: 41 } as const;
export const CLASS_IN = 1;
/** Response codes; above 15 their upper part stands in the OPT record. */
export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;

export const HEADER_SIZE = 12;
/** What everybody can take in a datagram. */
const SMALLEST_LIMIT = 512;
/** What we send at most, whatever the client says that he can take. */
const LARGEST_LIMIT = 4096;
const LONGEST_NAME = 255;
const OPCODE = 0x78;

/** A query with one question. */
export interface Query {
  /** The whole message. */
  readonly bytes: Bytes;
  /** In lower case and without a final dot; bytes that are no part of a host's name are escaped, as `\046`. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Where the question ends. */
  readonly end: number;
  /** The version of EDNS that the client speaks; undefined if none. */
  readonly edns: number | undefined;
  /** Bytes of the largest datagram that the client can take. */
  readonly limit: number;
}

/**
 * Reads a query. What makes no sense gives the code to answer with, and undefined is what must not be answered at all:
 * two servers that answer each other's answers would not stop.
 */
export function readQuery(bytes: Bytes): Query | number | undefined {
  if (bytes.length < HEADER_SIZE || isResponse(bytes)) return undefined;
  if ((at(bytes, 2) & OPCODE) !== 0) return RCODE.NOTIMP;
  if (u16(bytes, 4) !== 1) return RCODE.FORMERR;
  const name = readName(bytes);
  if (name === undefined || name.end + 4 > bytes.length) return RCODE.FORMERR;
  const end = name.end + 4;
  const extension = findExtension(bytes, end);
  if (extension === "malformed") return RCODE.FORMERR;
  return {
    bytes,
    name: name.text,
    type: u16(bytes, name.end),
    class: u16(bytes, name.end + 2),
    end,
    edns: extension?.version,
    limit: Math.min(Math.max(SMALLEST_LIMIT, extension?.limit ?? 0), LARGEST_LIMIT),
  };
}

/** The name of the question. It stands first, so there is nothing that a compressed one could point to. */
function readName(bytes: Bytes): { text: string; end: number } | undefined {
  let text = "";
  for (let offset = HEADER_SIZE;;) {
    const size = at(bytes, offset++);
    if (size === 0) return { text, end: offset };
    if (size > 63 || offset + size >= bytes.length || offset + size - HEADER_SIZE >= LONGEST_NAME) return undefined;
    if (text !== "") text += ".";
    for (const end = offset + size; offset < end; offset++) text += character(at(bytes, offset));
  }
}

function character(code: number): string {
  const [A, Z, DOT, BACKSLASH] = [65, 90, 46, 92];
  if (code >= A && code <= Z) return String.fromCharCode(code + 32);
  if (code > 32 && code < 127 && code !== DOT && code !== BACKSLASH) return String.fromCharCode(code);
  return `\\${String(code).padStart(3, "0")}`;
}

/** Looks through the records after the question for the one of EDNS. */
function findExtension(bytes: Bytes, from: number): { version: number; limit: number } | "malformed" | undefined {
  const records = u16(bytes, 6) + u16(bytes, 8) + u16(bytes, 10);
  let offset = from;
  for (let i = 0; i < records; i++) {
    offset = skipName(bytes, offset);
    const end = offset + 10 + u16(bytes, offset + 8);
    if (offset + 10 > bytes.length || end > bytes.length) return "malformed";
    if (u16(bytes, offset) === TYPE.OPT) return { limit: u16(bytes, offset + 2), version: at(bytes, offset + 5) };
    offset = end;
  }
  return undefined;
}

function skipName(bytes: Bytes, from: number): number {
  const POINTER = 0xc0;
  let offset = from;
  while (offset < bytes.length) {
    const size = at(bytes, offset);
    if (size === 0) return offset + 1;
    if (size >= POINTER) return offset + 2;
    offset += 1 + size;
  }
  return offset;
}

/** Whether a message is an answer. */
export function isResponse(bytes: Bytes): boolean {
  return (at(bytes, 2) & 0x80) !== 0;
}

export function messageId(bytes: Bytes): number {
  return u16(bytes, 0);
}

export function setMessageId(bytes: Bytes, id: number): void {
  bytes[0] = id >> 8;
  bytes[1] = id & 0xff;
}

/** The response code, as far as it stands in the header. */
export function responseCode(bytes: Bytes): number {
  return at(bytes, 3) & 0xf;
}

/** Two bytes as a number; what lies behind the end counts as 0. */
export function u16(bytes: Bytes, offset: number): number {
  return at(bytes, offset) << 8 | at(bytes, offset + 1);
}

function at(bytes: Bytes, offset: number): number {
  return bytes[offset] ?? 0;
}
