import type { Bytes, LogOptions, OutputFrame } from "../../base/container_engine.ts";
import { fromNanoseconds, nowNanoseconds } from "../../base/timestamps.ts";
import type { Fd } from "../../sys/fd.ts";
import { readAt } from "../../sys/file.ts";
import { stat } from "../../sys/attributes.ts";
import { decodeRecord, type LogRecord, recordFields, recordNanoseconds, recordTime } from "./decode.ts";
import { openAged } from "./files.ts";
import { TailCounter } from "./tail.ts";
import type { LogWriter } from "./writer.ts";

const BLOCK = 64 << 10;
/** What is longer than this without a newline is no record but garbage. */
const LONGEST = 1 << 20;

/**
 * Reads the log of a container, one frame per line (a line of more than 16 KiB in pieces). Memory is bounded by a block
 * and a record, however slow the caller. `writer` is the one that writes it now: with it rotation is followed, and
 * `follow` works; without it the log is read as it lies.
 *
 * Docker counts and stamps records; here long lines count once for `tail`, and are stamped at their beginning.
 */
export function readLog(file: string, options: LogOptions, writer?: LogWriter): AsyncIterable<OutputFrame> {
  return read(new LogFiles(file, writer), new LineShape(options), options);
}

/** The files of a log one after the other, the place in them, and the way to the next when one is rotated away. */
class LogFiles implements Disposable {
  readonly #path: string;
  readonly writer: LogWriter | undefined;
  #file: Fd | undefined;
  #generation = 0;
  #offset = 0;

  constructor(path: string, writer: LogWriter | undefined) {
    this.#path = path;
    this.writer = writer;
  }

  get #newest(): number {
    return this.writer?.generation ?? 0;
  }

  /** Goes to where the last `lines` lines begin; to the oldest line without a number. */
  seek(lines: number | undefined): void {
    const counter = new TailCounter(lines ?? 0);
    this.#generation = this.#newest;
    for (let age = 0;; age++) {
      const file = openAged(this.#path, age);
      if (file === undefined) return;
      this.#file?.close();
      this.#file = file;
      this.#generation = this.#newest - age;
      this.#offset = 0;
      const found = lines === undefined ? undefined : counter.search(file);
      if (found === undefined) continue;
      this.#offset = found;
      return;
    }
  }

  /** Reads on; 0 when everything there is now has been read. */
  read(into: Bytes): number {
    for (;;) {
      this.#file ??= openAged(this.#path, this.#newest - this.#generation);
      const length = this.#file === undefined ? 0 : readAt(this.#file, into, this.#offset);
      this.#offset += length;
      if (length > 0 || this.#generation === this.#newest) return length;
      this.#next();
    }
  }

  /** Goes to the next younger file that is still there: a reader slower than the rotation loses the oldest lines. */
  #next(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#offset = 0;
    while (++this.#generation < this.#newest) {
      this.#file = openAged(this.#path, this.#newest - this.#generation);
      if (this.#file !== undefined) return;
    }
  }

  /** Bytes of the file being read that have not been read. */
  get left(): number {
    return this.#file === undefined ? 0 : Math.max(0, stat(this.#file).size - this.#offset);
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

/** Which lines are wanted, and how they look. */
class LineShape {
  readonly #options: LogOptions;
  readonly #needsTime: boolean;
  /** Streams whose last record did not end its line. */
  readonly #open = new Set<OutputFrame["stream"]>();
  #time = "";
  #nanoseconds = 0n;
  /** A line later than `until` has come: there will be no earlier one. */
  past = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#needsTime = options.timestamps === true || options.since !== undefined || options.until !== undefined;
  }

  /** The frame for the record in `block`; undefined when it is not wanted, or no record. */
  frame(block: Bytes, from: number, to: number): OutputFrame | undefined {
    const { stdout = true, stderr = true, since, until, details, timestamps } = this.#options;
    const attributes = details ? recordFields(block, from, to)?.attrs : undefined; // before the newline is put in
    if (this.#needsTime) this.#readTime(block, from, to);
    const record = decodeRecord(block, from, to);
    if (record === undefined) return undefined;
    const { stream, complete } = record;
    const begins = !this.#open.has(stream);
    if (complete) this.#open.delete(stream);
    else this.#open.add(stream);
    if (!(stream === "stdout" ? stdout : stderr)) return undefined;
    if (since !== undefined && this.#nanoseconds < since) return undefined;
    if (until !== undefined && this.#nanoseconds > until) {
      this.past = true;
      return undefined;
    }
    const data = lineBytes(record, block);
    if (!begins || (!details && !timestamps)) return { stream, data };
    const stamp = timestamps ? `${fromNanoseconds(this.#nanoseconds)} ` : "";
    return { stream, data: prefixed(stamp + (details ? `${detailText(attributes ?? {})} ` : ""), data) };
  }

  /** Lines of one batch have one time: it is read once. */
  #readTime(block: Bytes, from: number, to: number): void {
    const time = recordTime(block, from, to);
    if (time === this.#time) return;
    this.#time = time;
    this.#nanoseconds = recordNanoseconds(time);
  }
}

/** The text of a record. The newline takes the place of the `\n` behind it, so that nothing is copied. */
function lineBytes({ bytes, from, to, complete }: LogRecord, block: Bytes): Bytes {
  if (!complete) return bytes.subarray(from, to);
  if (bytes === block) {
    block[to] = 0x0a;
    return block.subarray(from, to + 1);
  }
  const line = new Uint8Array(to - from + 1);
  line.set(bytes.subarray(from, to));
  line[to - from] = 0x0a;
  return line;
}

function prefixed(text: string, data: Bytes): Bytes {
  const prefix = new TextEncoder().encode(text);
  const line = new Uint8Array(prefix.length + data.length);
  line.set(prefix);
  line.set(data, prefix.length);
  return line;
}

/** `a=b,c=d`, sorted and escaped as Go's url.QueryEscape does. */
function detailText(attributes: Readonly<Record<string, string>>): string {
  const escape = (text: string) => new URLSearchParams([["", text]]).toString().slice(1);
  return Object.entries(attributes).sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, value]) => `${escape(name)}=${escape(value)}`).join(",");
}

async function* read(files: LogFiles, shape: LineShape, options: LogOptions): AsyncGenerator<OutputFrame> {
  const { follow = false, signal, tail } = options;
  using _ = files;
  using wakes = new Wakes(files.writer, options);
  let rest: Bytes = new Uint8Array(0);
  files.seek(tail !== undefined && tail >= 0 ? tail : undefined);
  for (let turns = 1; !signal?.aborted; turns++) {
    const block = new Uint8Array(rest.length + Math.max(1024, Math.min(BLOCK, files.left)));
    block.set(rest);
    const wake = wakes.next(); // asked for before the read, so that no write in between is missed
    const length = files.read(block.subarray(rest.length));
    if (length === 0) {
      if (!follow || files.writer === undefined || files.writer.ended || wakes.over) return;
      await wake;
      continue;
    }
    const end = rest.length + length;
    let at = 0;
    for (;;) {
      const newline = block.indexOf(0x0a, at);
      if (newline < 0 || newline >= end) break;
      const frame = shape.frame(block, at, newline);
      if (frame !== undefined) yield frame;
      if (shape.past || signal?.aborted) return;
      at = newline + 1;
    }
    rest = end - at > LONGEST ? new Uint8Array(0) : block.slice(at, end);
    // A caller that is always ready must not keep the engine from everything else.
    if (turns % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** What a reader that has read everything waits for: a change, the abort, or the moment `until`. */
class Wakes implements Disposable {
  readonly #release: () => void;
  #resolve: (() => void) | undefined;
  #next: Promise<void> | undefined;
  /** `until` has come. */
  over = false;

  constructor(writer: LogWriter | undefined, { signal, until }: LogOptions) {
    const wake = () => {
      this.#resolve?.();
      this.#next = this.#resolve = undefined;
    };
    const unsubscribe = writer?.subscribe(wake);
    signal?.addEventListener("abort", wake);
    const wait = until === undefined ? 0 : Number((until - nowNanoseconds()) / 1_000_000n) + 1;
    this.over = until !== undefined && wait <= 0;
    // Timers take 31 bits; a wait of more than that is for ever.
    const timer = wait <= 0 || wait > 0x7fffffff ? undefined : setTimeout(() => {
      this.over = true;
      wake();
    }, wait);
    this.#release = () => {
      unsubscribe?.();
      signal?.removeEventListener("abort", wake);
      clearTimeout(timer);
    };
  }

  next(): Promise<void> {
    return this.#next ??= new Promise((resolve) => this.#resolve = resolve);
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}
