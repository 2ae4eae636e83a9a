/** Answers of our own, written for the wire (RFC 1035 section 4). */
import type { Bytes } from "../../base/container_engine.ts";
import { CLASS_IN, HEADER_SIZE, type Query, RCODE, TYPE } from "./message.ts";

/** A record about the name that was asked for. */
export interface ResourceRecord {
  readonly type: number;
  readonly data: Uint8Array;
}

/** Seconds that a client may remember an answer: Docker's. */
const TTL = 600;
/** Bytes of datagrams that we can take: what passes everywhere without being cut into fragments (DNS flag day 2020). */
const OWN_LIMIT = 1232;
const OPT_SIZE = 11;
/** Name (a pointer), type, class, time to live and size of data. */
const RECORD_HEAD = 12;
const QR_AA = 0x84, TC = 0x02, RD = 0x01, RA = 0x80, CD = 0x10;

/**
 * The answer to a query: its question word for word, then the records, as many as fit into `limit` bytes. If some do not,
 * the answer is marked as cut off, and the client asks again over TCP.
 */
export function reply(query: Query, rcode: number, records: readonly ResourceRecord[] = [], limit = 65_535): Bytes {
  const extension = query.edns === undefined ? 0 : OPT_SIZE;
  let size = query.end + extension;
  let fitting = 0;
  for (const { data } of records) {
    if (size + RECORD_HEAD + data.length > limit) break;
    size += RECORD_HEAD + data.length;
    fitting++;
  }
  const bytes = new Uint8Array(size);
  bytes.set(query.bytes.subarray(0, query.end));
  writeHeader(bytes, rcode, { cut: fitting < records.length, counts: [1, fitting, 0, extension === 0 ? 0 : 1] });
  let offset = query.end;
  for (const { type, data } of records.slice(0, fitting)) offset = writeRecord(bytes, offset, type, data);
  if (extension !== 0) writeExtension(bytes, offset, rcode);
  return bytes;
}

/** The answer to what is not even a query: its header, with the code. */
export function replyToMalformed(message: Bytes, rcode: number): Bytes {
  const bytes = message.slice(0, HEADER_SIZE);
  writeHeader(bytes, rcode, { cut: false, counts: [0, 0, 0, 0] });
  return bytes;
}

/** The query's own header stands there already: its id stays, and what it wished for. */
function writeHeader(bytes: Bytes, rcode: number, { cut, counts }: { cut: boolean; counts: number[] }): void {
  const OPCODE_RD = 0x78 | RD;
  bytes[2] = QR_AA | (bytes[2] ?? 0) & OPCODE_RD | (cut ? TC : 0);
  bytes[3] = RA | (bytes[3] ?? 0) & CD | rcode & 0xf;
  counts.forEach((count, i) => writeU16(bytes, 4 + 2 * i, count));
}

function writeRecord(bytes: Bytes, offset: number, type: number, data: Uint8Array): number {
  writeU16(bytes, offset, 0xc000 | HEADER_SIZE); // the name is the question's
  writeU16(bytes, offset + 2, type);
  writeU16(bytes, offset + 4, CLASS_IN);
  writeU16(bytes, offset + 8, TTL);
  writeU16(bytes, offset + 10, data.length);
  bytes.set(data, offset + RECORD_HEAD);
  return offset + RECORD_HEAD + data.length;
}

function writeExtension(bytes: Bytes, offset: number, rcode: number): void {
  writeU16(bytes, offset + 1, TYPE.OPT);
  writeU16(bytes, offset + 3, OWN_LIMIT);
  bytes[offset + 5] = rcode >> 4;
}

function writeU16(bytes: Bytes, offset: number, value: number): void {
  bytes[offset] = value >> 8;
  bytes[offset + 1] = value & 0xff;
}

/** A name as the data of a record; undefined for one that DNS has no room for (a label of more than 63 bytes). */
export function nameData(name: string): Uint8Array | undefined {
  const labels = name.split(".").map((label) => new TextEncoder().encode(label));
  if (labels.some(({ length }) => length === 0 || length > 63)) return undefined;
  const bytes = labels.flatMap((label) => [label.length, ...label]);
  return bytes.length >= 255 ? undefined : Uint8Array.from([...bytes, 0]);
}

/** The answer that nothing could be found out. */
export function failure(query: Query): Bytes {
  return reply(query, RCODE.SERVFAIL);
}
