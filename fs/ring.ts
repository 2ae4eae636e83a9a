/**
 * Bytes from one thread to another through memory that both have. Either waits for the other without asking its event
 * loop, so both must be workers.
 *
 *     0        4     8      12       16            32    96
 *     changes  read  state  written  length × 4    text  slot × 4
 *              pieces       pieces   of each               512 KiB each
 */
import type { Bytes } from "../base/container_engine.ts";
import { internal } from "../base/errors.ts";

const SLOTS = 4;
const SLOT = 512 << 10;
const TEXT = 64;
const CHANGES = 0, READ = 1, STATE = 2, WRITTEN = 3, LENGTHS = 4;
const TEXT_AT = 4 * (LENGTHS + SLOTS);
const DATA_AT = TEXT_AT + TEXT;

const OPEN = 0, ENDED = 1, WRITER_FAILED = 2, READER_FAILED = 3;

export class Ring {
  /** What the other thread makes its own of. */
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #slots: readonly Bytes[];
  readonly #text: Bytes;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(DATA_AT + SLOTS * SLOT)) {
    this.memory = memory;
    // For the types of TypeScript what is shared is no `Bytes`; for Deno's calls it is.
    const bytes = (offset: number, length: number) => new Uint8Array(memory, offset, length) as Uint8Array as Bytes;
    this.#numbers = new Int32Array(memory, 0, LENGTHS + SLOTS);
    this.#text = bytes(TEXT_AT, TEXT);
    this.#slots = Array.from({ length: SLOTS }, (_, i) => bytes(DATA_AT + i * SLOT, SLOT));
  }

  /** Takes bytes, whose memory may be used again; waits where there is no room. @throws when the reader has failed */
  write(bytes: Bytes): void {
    for (let at = 0; at < bytes.length; at += SLOT) this.#put(bytes.subarray(at, at + SLOT));
  }

  /** There are no more, and this is what is to be said of them: at most 64 characters of ASCII. */
  end(text: string): void {
    new TextEncoder().encodeInto(text, this.#text);
    this.#turn(ENDED);
  }

  /** The pieces, each good until the next is asked for. @throws when the writer has failed */
  *read(): Generator<Bytes> {
    for (let read = 0; this.#wait(() => this.#get(WRITTEN) > read); read++) {
      const slot = read % SLOTS;
      const length = this.#get(LENGTHS + slot);
      const shared = this.#slots[slot];
      if (shared !== undefined) yield shared.subarray(0, length);
      this.#set(READ, read + 1);
    }
  }

  /** What was said at the end. */
  get text(): string {
    return new TextDecoder().decode(this.#text.slice()).replace(/\0+$/, "");
  }

  /** Lets the other side fail, too, if it has not ended or failed before. */
  fail(side: "writer" | "reader"): void {
    this.#turn(side === "writer" ? WRITER_FAILED : READER_FAILED);
  }

  /** Which side has failed first. */
  get failed(): "writer" | "reader" | undefined {
    const state = this.#get(STATE);
    return state === WRITER_FAILED ? "writer" : state === READER_FAILED ? "reader" : undefined;
  }

  #put(piece: Bytes): void {
    const written = this.#get(WRITTEN);
    this.#wait(() => this.#get(READ) > written - SLOTS);
    const slot = written % SLOTS;
    this.#slots[slot]?.set(piece);
    this.#set(LENGTHS + slot, piece.length);
    this.#set(WRITTEN, written + 1);
  }

  /** Waits until something is so; false when there will be no more pieces before. @throws when the other side has failed */
  #wait(isSo: () => boolean): boolean {
    for (;;) {
      // In this order: a change after the first line ends the wait, and what ended before the third had all its pieces.
      const changes = this.#get(CHANGES);
      const ended = this.#get(STATE) === ENDED;
      if (this.failed !== undefined) throw internal(`the ${this.failed} of a ring has failed`);
      if (isSo()) return true;
      if (ended) return false;
      Atomics.wait(this.#numbers, CHANGES, changes);
    }
  }

  #get(index: number): number {
    return Atomics.load(this.#numbers, index);
  }

  #set(index: number, value: number): void {
    Atomics.store(this.#numbers, index, value);
    this.#wake();
  }

  #turn(state: number): void {
    Atomics.compareExchange(this.#numbers, STATE, OPEN, state);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#numbers, CHANGES, 1);
    Atomics.notify(this.#numbers, CHANGES);
  }
}
