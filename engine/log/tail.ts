/** Finding the last lines of a log without reading it all: from its end, block by block, over the rotated files. */
import type { Bytes } from "../../base/container_engine.ts";
import { stat } from "../../sys/attributes.ts";
import type { Fd } from "../../sys/fd.ts";
import { readAt } from "../../sys/file.ts";
import { decodeRecord } from "./decode.ts";

const BLOCK = 64 << 10;
/** A record is at most about 100 KiB; what is longer is no record. */
const LONGEST = 1 << 20;

/** Counts lines from the end of the youngest file towards the beginning of the oldest. */
export class TailCounter {
  #wanted: number;
  #last = true;

  constructor(lines: number) {
    this.#wanted = lines;
  }

  /** Where in this file the wanted lines begin; undefined when they begin in an older one. */
  search(fd: Fd): number | undefined {
    let carry: Bytes = new Uint8Array(0);
    for (let position = stat(fd).size; position > 0;) {
      const from = Math.max(0, position - BLOCK);
      const chunk = new Uint8Array(position - from + carry.length);
      readAt(fd, chunk.subarray(0, position - from), from);
      chunk.set(carry, position - from);
      position = from;
      let end = chunk.length; // one past the newline of the record looked at
      while (end > 0) {
        const before = end < 2 ? -1 : chunk.lastIndexOf(0x0a, end - 2);
        if (before < 0 && from > 0) break;
        if (this.#passes(chunk, before + 1, end - 1)) return from + end;
        end = before + 1;
      }
      carry = end > LONGEST ? new Uint8Array(0) : chunk.slice(0, end);
    }
    return undefined;
  }

  /** Whether the record ends a line that is not wanted any more. */
  #passes(chunk: Bytes, from: number, to: number): boolean {
    const record = decodeRecord(chunk, from, to);
    if (record === undefined) return false;
    // The last record counts even when its line has no end: a process may leave without a newline.
    const counts = record.complete || this.#last;
    this.#last = false;
    if (!counts) return false;
    if (this.#wanted === 0) return true;
    this.#wanted--;
    return false;
  }
}
