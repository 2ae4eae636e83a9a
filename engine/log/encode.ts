/**
 * Docker's json-file records, one per line of output:
 *
 *     {"log":"hello\n","stream":"stdout","attrs":{…},"time":"2026-01-02T03:04:05.123456789Z"}
 *
 * A line of more than 16 KiB is several records, and only the last has the `\n`; so is what a process that ended left
 * without one. What is not UTF-8 becomes U+FFFD byte by byte. A Go JSON encoder's escapes (`<`, `>`, `&` among them)
 * are kept, so that files are the same byte for byte.
 */
import type { Bytes, OutputFrame } from "../../base/container_engine.ts";

/** Docker's buffer: the most that one record holds (moby, daemon/logger/copier.go). */
export const RECORD_LIMIT = 16 << 10;

/** Where finished records go. */
export interface RecordSink {
  /** How many bytes it would like to have at most before it is asked again. */
  room(): number;
  /** Takes whole records; the bytes are valid during the call only. */
  take(bytes: Bytes): void;
}

const BATCH = 256 << 10;
const encoder = new TextEncoder();
const PREFIX = encoder.encode('{"log":"');
const HEX = encoder.encode("0123456789abcdef");
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;

/** 1: stands for itself inside a JSON string. */
const PLAIN = new Uint8Array(256).map((_, byte) =>
  byte >= 0x20 && byte < 0x80 && !'"\\<>&'.includes(String.fromCharCode(byte)) ? 1 : 0
);

/** One buffer for all logs: every use is one synchronous block that leaves it empty. */
let out: Bytes = new Uint8Array(BATCH + 8 * RECORD_LIMIT);

/** Turns output into records. It is used and flushed within one synchronous block. */
export class RecordEncoder {
  readonly #sink: RecordSink;
  readonly #attributes: string;
  #used = 0;
  /** Where the last record ended in its input. */
  #at = 0;
  #suffix: Bytes = PREFIX;
  #suffixOf = "";

  constructor(sink: RecordSink, attributes: Readonly<Record<string, string>> = {}) {
    this.#sink = sink;
    this.#attributes = Object.keys(attributes).length > 0 ? `"attrs":${goJson(attributes)},` : "";
  }

  /**
   * Makes records of the lines in `data`, and returns how many bytes they took; what is left is a line without end.
   * With `final` that is a record too.
   */
  encode(stream: OutputFrame["stream"], data: Bytes, time: string, final = false): number {
    this.#setSuffix(stream, time);
    this.#at = 0;
    let limit = Math.min(BATCH, this.#sink.room());
    while (this.#at < data.length && this.#record(data, final)) {
      if (this.#used < limit) continue;
      this.flush();
      limit = Math.min(BATCH, this.#sink.room());
    }
    return this.#at;
  }

  /** Gives the sink what has been made. */
  flush(): void {
    if (this.#used === 0) return;
    const used = this.#used;
    this.#used = 0;
    this.#sink.take(out.subarray(0, used));
  }

  #setSuffix(stream: OutputFrame["stream"], time: string): void {
    if (this.#suffixOf === stream + time) return;
    this.#suffixOf = stream + time;
    this.#suffix = encoder.encode(`\\n","stream":"${stream}",${this.#attributes}"time":"${time}"}\n`);
    const needed = BATCH + 7 * RECORD_LIMIT + this.#suffix.length;
    if (out.length < needed) out = new Uint8Array(needed);
  }

  /** Writes one record from `#at` on; false, and nothing written, when the data ends before the record does. */
  #record(data: Bytes, final: boolean): boolean {
    const start = this.#at;
    const full = start + RECORD_LIMIT;
    const limit = Math.min(data.length, full);
    let to = this.#used;
    for (let i = 0; i < 8; i++) out[to++] = PREFIX[i] as number;
    let at = start;
    while (at < limit) {
      const byte = data[at] as number;
      if (PLAIN[byte] === 1) {
        out[to++] = byte;
        at++;
      } else if (byte === NEWLINE) {
        return this.#close(at + 1, to, 0);
      } else if (byte < 0x80) {
        to = escape(byte, to);
        at++;
      } else {
        const length = sequenceLength(data, at, limit);
        if (length < 0 && !final) break; // cut: the rest belongs to the next record, or has not come yet
        to = length > 0 ? copySequence(data, at, length, to) : replace(to);
        at += Math.max(length, 1);
      }
    }
    if (limit < full && !final) return false;
    return this.#close(at, to, 2);
  }

  /** Ends the record with stream and time; `skip` leaves out the `\n`. */
  #close(at: number, to: number, skip: number): boolean {
    out.set(skip === 0 ? this.#suffix : this.#suffix.subarray(skip), to);
    this.#used = to + this.#suffix.length - skip;
    this.#at = at;
    return true;
  }
}

/** JSON as Go writes it, keys sorted. */
function goJson(value: Readonly<Record<string, string>>): string {
  const sorted = Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
  const hex = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(sorted).replace(/[<>&\u2028\u2029]/g, hex);
}

function escape(byte: number, to: number): number {
  out[to++] = BACKSLASH;
  if (byte === BACKSLASH || byte === 0x22) out[to++] = byte;
  else if (byte === 0x0d) out[to++] = 0x72; // \r
  else {
    out[to++] = 0x75; // \u00xx
    out[to++] = 0x30;
    out[to++] = 0x30;
    out[to++] = HEX[byte >> 4] as number;
    out[to++] = HEX[byte & 15] as number;
  }
  return to;
}

const REPLACEMENT = encoder.encode("\\ufffd");

function replace(to: number): number {
  out.set(REPLACEMENT, to);
  return to + REPLACEMENT.length;
}

/** The length of the UTF-8 sequence at `at`; 0 when it is none, -1 when it is cut by `limit`. */
function sequenceLength(data: Bytes, at: number, limit: number): number {
  const first = data[at] as number;
  const length = first >= 0xf5 || first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length === 0) return 0;
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte (RFC 3629, section 4).
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < length; i++) {
    if (at + i >= limit) return -1;
    const byte = data[at + i] as number;
    if (byte < (i === 1 ? low : 0x80) || byte > (i === 1 ? high : 0xbf)) return 0;
  }
  return length;
}

/** Copies a sequence; the two line separators of Unicode are escaped, because JavaScript could not take them. */
function copySequence(data: Bytes, at: number, length: number, to: number): number {
  const last = data[at + 2] as number;
  if (length === 3 && data[at] === 0xe2 && data[at + 1] === 0x80 && (last === 0xa8 || last === 0xa9)) {
    out.set(encoder.encode(`\\u202${last === 0xa8 ? "8" : "9"}`), to);
    return to + 6;
  }
  for (let i = 0; i < length; i++) out[to++] = data[at + i] as number;
  return to;
}
