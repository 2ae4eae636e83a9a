import type { Bytes } from "../base/container_engine.ts";
import type { Input, Output } from "./command.ts";

interface Sink {
  write(data: Uint8Array): Promise<number>;
  writeSync(data: Uint8Array): number;
  isTerminal(): boolean;
}

const encoder = new TextEncoder();

class StandardOutput implements Output {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  get isTerminal(): boolean {
    return this.#sink.isTerminal();
  }

  print(text: string): void {
    const data = encoder.encode(text);
    for (let written = 0; written < data.length;) written += this.#sink.writeSync(data.subarray(written));
  }

  async write(data: Bytes): Promise<void> {
    for (let written = 0; written < data.length;) written += await this.#sink.write(data.subarray(written));
  }
}

export const stdout: Output = new StandardOutput(Deno.stdout);
export const stderr: Output = new StandardOutput(Deno.stderr);

let taken = false;

/** Whether stdin has been read from: it cannot be begun anew. */
export function isStdinTaken(): boolean {
  return taken;
}

export const stdin: Input = {
  get isTerminal() {
    return Deno.stdin.isTerminal();
  },
  get readable() {
    taken = true;
    return Deno.stdin.readable as ReadableStream<Bytes>;
  },
};
