import type { Bytes, OutputFrame } from "../../base/container_engine.ts";
import { describeError } from "../../base/errors.ts";
import { nowNanoseconds, shortTimestamp } from "../../base/timestamps.ts";
import { stat } from "../../sys/attributes.ts";
import type { Fd } from "../../sys/fd.ts";
import { truncate, write } from "../../sys/file.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
import { RECORD_LIMIT, RecordEncoder } from "./encode.ts";
import { openForAppend, removeFile, rotate } from "./files.ts";
import { HeldLines } from "./held_lines.ts";
import { type LogConfig, type LogSettings, parseLogConfig } from "./options.ts";

export interface OpenLogOptions {
  /** What each line carries (attributes.ts). */
  readonly attributes?: Readonly<Record<string, string>>;
  /** A sentence for the administrator: the disk is full, or no longer. */
  readonly report?: (message: string) => void;
}

/**
 * Opens the log `file` of a container for its next lines; what else it needs lies in `folder`. A record that a crash cut is repaired, a line
 * that an earlier engine had not seen the end of is continued.
 * @throws `invalid` for a configuration that Docker refuses, `SyscallError` when the file cannot be opened.
 */
export function openLog(folder: string, file: string, config: LogConfig, options: OpenLogOptions = {}): LogWriter {
  return new LogWriter(`${folder}/held-lines`, file, parseLogConfig(config), options);
}

/**
 * Writes the output of one run of a container. Everything is on its way to the disk when `append` returns, one write(2)
 * per batch. A disk that is full costs lines, never the container: they are counted, and said once.
 */
export class LogWriter implements Disposable {
  readonly #path: string;
  readonly #heldPath: string;
  readonly #settings: LogSettings;
  readonly #encoder: RecordEncoder;
  readonly #held: HeldLines;
  readonly #report: (message: string) => void;
  readonly #subscribers = new Set<() => void>();
  #file: Fd | undefined;
  #inode = 0n;
  #size = 0;
  #generation = 0;
  #ended = false;
  #dropped = 0;
  #failing = false;

  constructor(
    heldPath: string,
    path: string,
    settings: LogSettings,
    { attributes, report = () => {} }: OpenLogOptions,
  ) {
    this.#path = path;
    this.#heldPath = heldPath;
    this.#settings = settings;
    this.#report = report;
    this.#held = new HeldLines(heldPath);
    this.#encoder = new RecordEncoder({ room: () => this.#room(), take: (bytes) => this.#take(bytes) }, attributes);
    if (settings.driver === "none") return;
    this.#openFile();
    this.#held.restore({ inode: this.#inode, size: this.#size });
  }

  /** How many times a new file has been begun: the file of generation g is `generation - g` rotations old. */
  get generation(): number {
    return this.#generation;
  }

  /** No more lines are coming. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Records that could not be written. */
  get dropped(): number {
    return this.#dropped;
  }

  get settings(): LogSettings {
    return this.#settings;
  }

  /** Adds output that came at `time` (nanoseconds since 1970; now when absent). `data` is not kept. */
  append(stream: OutputFrame["stream"], data: Bytes, time: bigint = nowNanoseconds()): void {
    if (this.#settings.driver === "none" || this.#ended || data.length === 0) return;
    const held = this.#held.get(stream);
    const newline = data.indexOf(0x0a);
    if (newline < 0 && held.length + data.length < RECORD_LIMIT) held.add(data);
    else this.#encodeLines(stream, data, newline, shortTimestamp(time));
    this.#held.save({ inode: this.#inode, size: this.#size });
  }

  #encodeLines(stream: OutputFrame["stream"], data: Bytes, newline: number, time: string): void {
    const held = this.#held.get(stream);
    let rest = data;
    if (held.length > 0) {
      const cut = newline < 0 ? data.length : newline + 1;
      const first = new Uint8Array(held.length + cut);
      first.set(held.bytes);
      first.set(data.subarray(0, cut), held.length);
      const taken = this.#encoder.encode(stream, first, time);
      rest = cut < data.length ? data.subarray(cut) : first.subarray(taken);
    }
    // What is left of the first line, when it is all there is, is shorter than a record: encoding it takes nothing.
    held.set(rest.subarray(this.#encoder.encode(stream, rest, time)));
    this.#encoder.flush();
  }

  /** The process has ended: what it left without an end of line is written, and readers that follow come to their end. */
  end(time: bigint = nowNanoseconds()): void {
    if (this.#ended) return;
    for (const stream of ["stdout", "stderr"] as const) {
      const held = this.#held.get(stream);
      if (held.length === 0) continue;
      this.#encoder.encode(stream, held.bytes, shortTimestamp(time), true);
      this.#encoder.flush();
      held.set(new Uint8Array(0));
    }
    this.close();
    if (this.#settings.driver !== "none") removeFile(this.#heldPath);
  }

  /** Lets go of the file without an end: the next engine goes on. Readers that follow come to their end. */
  close(): void {
    this.#ended = true;
    this.#file?.close();
    this.#file = undefined;
    this.#held[Symbol.dispose]();
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Calls back after each change, until the returned function is called. */
  subscribe(changed: () => void): () => void {
    this.#subscribers.add(changed);
    return () => this.#subscribers.delete(changed);
  }

  #wake(): void {
    for (const changed of this.#subscribers) changed();
  }

  #room(): number {
    return Math.max(1, this.#settings.maxSize - this.#size);
  }

  #openFile(): Fd {
    const fd = openForAppend(this.#path);
    const { inode, size } = stat(fd);
    this.#inode = inode;
    this.#size = size;
    return this.#file = fd;
  }

  #take(bytes: Bytes): void {
    let written = 0;
    try {
      const file = this.#current();
      while (written < bytes.length) written += write(file, bytes.subarray(written));
      this.#size += written;
      if (this.#failing) this.#recovered();
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.#failed(error, bytes, written);
    }
    this.#wake();
  }

  /** The file to write to; a new one when the last is full, or could not be opened. */
  #current(): Fd {
    if (this.#file !== undefined && this.#size < this.#settings.maxSize) return this.#file;
    if (this.#file !== undefined) {
      rotate(this.#path, this.#settings.maxFile);
      this.#file.close();
      this.#file = undefined;
      this.#generation++;
    }
    return this.#openFile();
  }

  /** Keeps the records that went in whole, and counts the others. */
  #failed(error: SyscallError, bytes: Bytes, written: number): void {
    const whole = bytes.subarray(0, written).lastIndexOf(0x0a) + 1;
    this.#size += whole;
    if (written > whole) this.#cutOff();
    for (let at = whole; at < bytes.length; this.#dropped++) at = bytes.indexOf(0x0a, at) + 1;
    if (this.#failing) return;
    this.#failing = true;
    this.#report(`log lines are dropped, ${this.#path} cannot be written: ${describeError(error)}`);
  }

  /** Takes away the part of a record that went in. If not even that works, the file is opened anew and repaired. */
  #cutOff(): void {
    try {
      if (this.#file !== undefined) truncate(this.#file, this.#size);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.#file?.close();
      this.#file = undefined;
    }
  }

  #recovered(): void {
    this.#failing = false;
    this.#report(`${this.#path} can be written again; ${this.#dropped} lines have been dropped so far`);
  }
}
