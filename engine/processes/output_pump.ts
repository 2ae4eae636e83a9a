import type { Bytes, OutputFrame } from "../../base/container_engine.ts";
import type { Reactor, Watch } from "../../runtime/reactor.ts";
import type { Fd } from "../../sys/fd.ts";
import { tap } from "./tap.ts";

/** Who gets the output; `data` is valid during the call only. */
export type Deliver = (stream: OutputFrame["stream"], data: Bytes) => void;

/** Carries the output of one process to its log and its readers, as it comes. */
export class OutputPump implements Disposable {
  readonly #streams: { stream: OutputFrame["stream"]; fd: Fd; watch: Watch; ended: boolean }[] = [];
  readonly #terminal: boolean;
  readonly #deliver: Deliver;

  /** Takes over the descriptors. */
  constructor(reactor: Reactor, output: { stdout?: Fd; stderr?: Fd; terminal: boolean }, deliver: Deliver) {
    this.#terminal = output.terminal;
    this.#deliver = deliver;
    for (const stream of ["stdout", "stderr"] as const) {
      const fd = output[stream];
      if (fd === undefined) continue;
      const entry = { stream, fd, ended: false, watch: reactor.watch(fd, { read: () => this.#turn(entry) }) };
      this.#streams.push(entry);
    }
  }

  #turn(entry: (typeof this.#streams)[number]): void {
    if (entry.ended) return;
    if (tap(entry.fd, this.#terminal, (data) => this.#deliver(entry.stream, data)) === "end") {
      entry.ended = true;
      entry.watch[Symbol.dispose]();
    }
  }

  /** Leaves the output in the pipes, so that the process waits: a reader cannot keep up. */
  pause(): void {
    for (const { watch, ended } of this.#streams) if (!ended) watch.pause();
  }

  resume(): void {
    for (const { watch, ended } of this.#streams) if (!ended) watch.resume();
  }

  /** Takes all that is there now; for a process that has ended that is all there will be. */
  drain(): void {
    for (const entry of this.#streams) {
      const deliver = (data: Bytes) => this.#deliver(entry.stream, data);
      while (!entry.ended && tap(entry.fd, this.#terminal, deliver) === "more");
    }
  }

  [Symbol.dispose](): void {
    for (const { fd, watch, ended } of this.#streams) {
      if (!ended) watch[Symbol.dispose]();
      fd.close();
    }
    this.#streams.length = 0;
  }
}
