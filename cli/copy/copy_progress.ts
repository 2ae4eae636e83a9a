import type { Bytes } from "../../base/container_engine.ts";
import { humanSize } from "../../base/units.ts";
import type { Output } from "../command.ts";

/** Milliseconds before anything is shown, and between two lines, as docker has it. */
const patience = 500;
const interval = 75;

/** Counts what is copied. On a terminal a copy that takes long has a line that says how much it is by now. */
export class CopyProgress {
  readonly #output: Output;
  readonly #title: string | undefined;
  readonly #now: () => number;
  #total = 0;
  #next: number;
  #shown = false;

  /** Without a title nothing is shown. */
  constructor(output: Output, title: string | undefined, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#title = output.isTerminal ? title : undefined;
    this.#now = now;
    this.#next = now() + patience;
  }

  /** As docker writes it: `2.05kB`. */
  get size(): string {
    return humanSize(this.#total, 3);
  }

  /** The same bytes, counted as they are taken. */
  async *count(bytes: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
    try {
      for await (const piece of bytes) {
        yield piece;
        this.#total += piece.length;
        this.#show();
      }
    } finally {
      this.clear();
    }
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (this.#shown) this.#output.print("\r\x1b[K");
    this.#shown = false;
  }

  #show(): void {
    if (this.#title === undefined) return;
    const now = this.#now();
    if (now < this.#next) return;
    this.#next = now + interval;
    this.#shown = true;
    this.#output.print(`\r${this.#title}${this.size}\x1b[K`);
  }
}
