/**
 * Messages of D-Bus, as far as calling methods that take and give strings needs them: a header of twelve bytes, fields
 * that say where the call goes, padding to eight, and the body (D-Bus specification, "Message Protocol").
 */
import type { Bytes } from "../../base/container_engine.ts";
import { internal } from "../../base/errors.ts";

/** A method of an object that somebody on the bus has. */
export interface MethodCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly args: readonly string[];
}

/** What comes back: the first string of the body, if there is one; of an error that is its sentence. */
export interface Reply {
  /** Of the call that it answers; undefined for what answers none, such as a signal. */
  readonly serial?: number;
  /** The name of an error: `org.freedesktop.DBus.Error.ServiceUnknown`. */
  readonly error?: string;
  readonly text?: string;
}

const METHOD_CALL = 1, ERROR = 3;
const NO_AUTO_START = 2;
const FIELD = { path: 1, interface: 2, member: 3, error: 4, replySerial: 5, destination: 6, signature: 8 } as const;
/** The specification's limit is 128 MiB; what answers our calls is short. */
const LONGEST = 1 << 20;
const HEADER_SIZE = 16;

/** The message of a call; a service that does not run is not started for it. */
export function encodeCall(call: MethodCall, serial: number): Bytes {
  const body = new Writer();
  for (const arg of call.args) body.string(arg);
  const fields = new Writer();
  const field = (code: number, type: string, text: string) => {
    fields.align(8);
    fields.bytes([code, 1, type.charCodeAt(0), 0]); // the code, and a variant: its signature, then its value
    if (type === "g") fields.signature(text);
    else fields.string(text);
  };
  field(FIELD.path, "o", call.path);
  field(FIELD.interface, "s", call.interface);
  field(FIELD.member, "s", call.member);
  field(FIELD.destination, "s", call.destination);
  if (call.args.length > 0) field(FIELD.signature, "g", "s".repeat(call.args.length));
  const message = new Writer();
  message.bytes(["l".charCodeAt(0), METHOD_CALL, NO_AUTO_START, 1]); // little endian, version 1
  for (const number of [body.length, serial, fields.length]) message.number(number);
  message.bytes(fields.data);
  message.align(8);
  message.bytes(body.data);
  return new Uint8Array(message.data);
}

/** How long the message is that these bytes begin; undefined if that cannot be told yet. @throws what is none of ours */
export function messageLength(data: Bytes): number | undefined {
  if (data.length < HEADER_SIZE) return undefined;
  const { header, body } = parts(data);
  if (header + body > LONGEST) throw internal(`D-Bus: a message of ${header + body} bytes`);
  return header + body;
}

/** Reads a whole message. */
export function decodeReply(data: Bytes): Reply {
  const { view, fieldsSize, header, body } = parts(data);
  const isError = data[1] === ERROR;
  let serial: number | undefined, error: string | undefined, signature = "";
  for (let at = HEADER_SIZE; at < HEADER_SIZE + fieldsSize;) {
    at = aligned(at, 8);
    const code = data[at];
    const type = String.fromCharCode(data[at + 2] ?? 0);
    at += 4;
    if (type === "g") {
      const size = data[at] ?? 0;
      if (code === FIELD.signature) signature = textAt(data, at + 1, size);
      at += size + 2;
      continue;
    }
    at = aligned(at, 4);
    const number = view.getUint32(at, true);
    at += 4;
    if (code === FIELD.replySerial) serial = number;
    if (type === "u") continue;
    if (type !== "s" && type !== "o") throw internal(`D-Bus: a header field of type ${JSON.stringify(type)}`);
    if (code === FIELD.error) error = textAt(data, at, number);
    at += number + 1;
  }
  const hasText = signature.startsWith("s") && body >= 4;
  return {
    ...serial !== undefined && { serial },
    ...isError && { error: error ?? "unnamed" },
    ...hasText && { text: textAt(data, header + 4, view.getUint32(header, true)) },
  };
}

/** Where the parts of a message lie; the header has its padding in it. */
function parts(data: Bytes) {
  if (data[0] !== "l".charCodeAt(0)) throw internal("D-Bus: a message that is not little endian");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const fieldsSize = view.getUint32(12, true);
  return { view, fieldsSize, header: aligned(HEADER_SIZE + fieldsSize, 8), body: view.getUint32(4, true) };
}

function textAt(data: Bytes, at: number, size: number): string {
  return new TextDecoder().decode(data.subarray(at, at + size));
}

function aligned(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}

/** Values one behind the other, each at a multiple of its size. */
class Writer {
  readonly data: number[] = [];

  get length(): number {
    return this.data.length;
  }

  align(to: number): void {
    while (this.data.length % to !== 0) this.data.push(0);
  }

  bytes(bytes: readonly number[]): void {
    this.data.push(...bytes);
  }

  number(value: number): void {
    this.align(4);
    this.bytes([value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24]);
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.number(bytes.length);
    this.bytes([...bytes, 0]);
  }

  signature(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.bytes([bytes.length, ...bytes, 0]);
  }
}
