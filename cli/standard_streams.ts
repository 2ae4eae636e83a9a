import type { Bytes } from "../base/container_engine.ts";
import type { Input, Output } from "./command.ts";

interface Sink {
  write(data: Uint8Array): Promise<number>;
  writeSync(data: Uint8Array): number;
  isTerminal(): boolean;
}

const encoder = new TextEncoder();
let spent = false;

/**
 * Whether a stream of this process cannot be begun anew: stdin has been read from, or a write has failed, and what was to
 * be written waits inside Deno for the next one.
 */
export function isSpent(): boolean {
  return spent;
}

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
    try {
      for (let written = 0; written < data.length;) written += this.#sink.writeSync(data.subarray(written));
    } catch (error) {
      spent = true;
      throw error;
    }
  }

  async write(data: Bytes): Promise<void> {
    try {
      for (let written = 0; written < data.length;) written += await this.#sink.write(data.subarray(written));
    } catch (error) {
      spent = true;
      throw error;
    }
  }
}

export const stdout: Output = new StandardOutput(Deno.stdout);
export const stderr: Output = new StandardOutput(Deno.stderr);

export const stdin: Input = {
  get isTerminal() {
    return Deno.stdin.isTerminal();
  },
  get readable() {
    spent = true;
    return Deno.stdin.readable as ReadableStream<Bytes>;
  },
  get file() {
    const path = `/proc/${Deno.pid}/fd/0`;
    const isAtStart = () => /^pos:\s*0$/m.test(Deno.readTextFileSync(`/proc/${Deno.pid}/fdinfo/0`));
    return Deno.statSync(path).isFile && isAtStart() ? path : undefined;
  },
};
