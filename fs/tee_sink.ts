import type { Bytes } from "../base/container_engine.ts";
import type { TarEntry } from "../base/tar/entry.ts";
import type { TarSink } from "../base/tar/reader.ts";

/** Tells two sinks of one tar, one after the other. */
export class TeeSink implements TarSink {
  readonly #first: TarSink;
  readonly #second: TarSink;

  constructor(first: TarSink, second: TarSink) {
    this.#first = first;
    this.#second = second;
  }

  entry(entry: TarEntry): void {
    this.#first.entry(entry);
    this.#second.entry(entry);
  }

  data(bytes: Bytes, offset: number): void {
    this.#first.data(bytes, offset);
    this.#second.data(bytes, offset);
  }

  end(): void {
    this.#first.end();
    this.#second.end();
  }

  raw(bytes: Bytes): void {
    this.#first.raw?.(bytes);
    this.#second.raw?.(bytes);
  }
}
