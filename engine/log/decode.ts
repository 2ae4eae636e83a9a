/** Reading json-file records back (encode.ts has their form). */
import type { Bytes, OutputFrame } from "../../base/container_engine.ts";
import { parseRfc3339 } from "../../base/time.ts";

/** One record; its log is in `bytes` from `from` to `to`, and in its own memory unless it needed no decoding. */
export interface LogRecord {
  readonly stream: OutputFrame["stream"];
  readonly bytes: Bytes;
  readonly from: number;
  readonly to: number;
  /** The record ends its line; the newline is not in the bytes above, but belongs to it. */
  readonly complete: boolean;
}

const PREFIX = new TextEncoder().encode('{"log":"');
const MIDDLE = new TextEncoder().encode('","stream":"std');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The record in `block` from `from` up to its newline at `to`; undefined when it is none. */
export function decodeRecord(block: Bytes, from: number, to: number): LogRecord | undefined {
  return plainRecord(block, from, to) ?? parsedRecord(block, from, to);
}

/** A record without escapes but the `\n` at its end: nothing has to be copied. */
function plainRecord(block: Bytes, from: number, to: number): LogRecord | undefined {
  const start = from + PREFIX.length;
  if (!matches(block, from, PREFIX)) return undefined;
  const quote = block.indexOf(QUOTE, start);
  const slash = block.indexOf(BACKSLASH, start);
  const complete = slash >= 0 && slash < quote;
  if (complete && (slash !== quote - 2 || block[slash + 1] !== 0x6e)) return undefined;
  if (quote < 0 || quote + 20 > to || !matches(block, quote, MIDDLE)) return undefined;
  const stream = block[quote + MIDDLE.length] === 0x65 ? "stderr" : "stdout";
  return { stream, bytes: block, from: start, to: complete ? slash : quote, complete };
}

function matches(block: Bytes, at: number, text: Bytes): boolean {
  for (let i = 0; i < text.length; i++) if (block[at + i] !== text[i]) return false;
  return true;
}

function parsedRecord(block: Bytes, from: number, to: number): LogRecord | undefined {
  const fields = recordFields(block, from, to);
  if (fields === undefined) return undefined;
  const complete = fields.log.endsWith("\n");
  const bytes = encoder.encode(complete ? fields.log.slice(0, -1) : fields.log);
  return { stream: fields.stream, bytes, from: 0, to: bytes.length, complete };
}

interface RecordFields {
  log: string;
  stream: OutputFrame["stream"];
  attrs: Record<string, string>;
  time: string;
}

/** All fields of a record; undefined when it is none: a crash of the machine may leave zeros in a file. */
export function recordFields(block: Bytes, from: number, to: number): RecordFields | undefined {
  try {
    const value: Partial<RecordFields> | null = JSON.parse(decoder.decode(block.subarray(from, to)));
    if (typeof value?.log !== "string" || typeof value.time !== "string") return undefined;
    return {
      log: value.log,
      stream: value.stream === "stderr" ? "stderr" : "stdout",
      attrs: value.attrs ?? {},
      time: value.time,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The time of a record, which is its last field: `…"time":"2026-01-02T03:04:05.1Z"}`. */
export function recordTime(block: Bytes, from: number, to: number): string {
  const quote = block.lastIndexOf(QUOTE, to - 3);
  return quote > from ? decoder.decode(block.subarray(quote + 1, to - 2)) : "";
}

/** Nanoseconds since 1970 of the time of a record; 0 when there is none. */
export function recordNanoseconds(time: string): bigint {
  return /^\d{4}-/.test(time) ? parseRfc3339(time) : 0n;
}
