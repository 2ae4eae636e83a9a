/**
 * The beginnings of lines whose end has not come yet. Docker keeps them in memory; here they are in a small file beside
 * the log too, so that the engine may be killed at any moment and no byte is missing afterwards.
 *
 *     0      8      16        20        24              64            64 + 16 KiB
 *     inode  size   stdout    stderr    -               stdout…       stderr…
 *            of the log file  lengths
 *
 * It counts only while the log is the very file, with the very size, that it names: once the line has been completed
 * the log has grown, and what stands here is past.
 */
import type { Bytes, OutputFrame } from "../../base/container_engine.ts";
import { readAt, writeAt } from "../../sys/file.ts";
import { Fd } from "../../sys/fd.ts";
import { O, open } from "../../sys/open.ts";
import { isErrno, SyscallError } from "../../sys/syscall_error.ts";
import { RECORD_LIMIT } from "./encode.ts";

type Stream = OutputFrame["stream"];

/** Which file and how much of it was there when the lines were held. */
export interface LogPosition {
  readonly inode: bigint;
  readonly size: number;
}

const HEADER = 64;
const OFFSET: Readonly<Record<Stream, number>> = { stdout: HEADER, stderr: HEADER + RECORD_LIMIT };

export class HeldLines implements Disposable {
  readonly #path: string;
  #file: Fd | undefined;
  readonly #lines = { stdout: new HeldLine(), stderr: new HeldLine() };

  constructor(path: string) {
    this.#path = path;
  }

  get(stream: Stream): HeldLine {
    return this.#lines[stream];
  }

  /** Takes back what an earlier engine held, if it belongs to the log as it is now. */
  restore(position: LogPosition): void {
    const file = this.#open(O.RDWR);
    if (file === undefined) return;
    const header = new DataView(new ArrayBuffer(HEADER));
    readAt(file, new Uint8Array(header.buffer), 0);
    if (header.getBigUint64(0, true) !== position.inode) return;
    if (header.getBigUint64(8, true) !== BigInt(position.size)) return;
    for (const stream of ["stdout", "stderr"] as const) {
      const data = new Uint8Array(Math.min(header.getUint32(stream === "stdout" ? 16 : 20, true), RECORD_LIMIT));
      this.#lines[stream].set(data.subarray(0, readAt(file, data, OFFSET[stream])));
    }
  }

  /** Writes down what is held and not written yet. It is only for the case of a crash, so a full disk is no failure. */
  save({ inode, size }: LogPosition): void {
    const { stdout, stderr } = this.#lines;
    if (stdout.length + stderr.length === 0) return;
    try {
      const file = this.#open(O.RDWR | O.CREAT);
      if (file === undefined) return;
      for (const stream of ["stdout", "stderr"] as const) {
        const line = this.#lines[stream];
        const fresh = line.unsaved();
        if (fresh.length > 0) writeAt(file, fresh, OFFSET[stream] + line.length - fresh.length);
      }
      const header = new DataView(new ArrayBuffer(24));
      header.setBigUint64(0, inode, true);
      header.setBigUint64(8, BigInt(size), true);
      header.setUint32(16, stdout.length, true);
      header.setUint32(20, stderr.length, true);
      writeAt(file, new Uint8Array(header.buffer), 0);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(flags: number): Fd | undefined {
    try {
      return this.#file ??= open(this.#path, flags, { mode: 0o600 });
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
  }
}

/** One line without end, of less than {@link RECORD_LIMIT} bytes. */
export class HeldLine {
  #buffer: Bytes = new Uint8Array(0);
  #length = 0;
  #saved = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Bytes {
    return this.#buffer.subarray(0, this.#length);
  }

  /** What has been added since it was asked last. */
  unsaved(): Bytes {
    const fresh = this.#buffer.subarray(this.#saved, this.#length);
    this.#saved = this.#length;
    return fresh;
  }

  add(data: Bytes): void {
    const needed = this.#length + data.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, Math.min(RECORD_LIMIT, this.#buffer.length * 2)));
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(data, this.#length);
    this.#length = needed;
  }

  /** Holds a copy of `data` instead of what it held. */
  set(data: Bytes): void {
    this.#length = 0;
    this.#saved = 0;
    if (data.length === 0 && this.#buffer.length > 1024) this.#buffer = new Uint8Array(0);
    if (data.length > 0) this.add(data);
  }
}
