import type { Bytes, OutputFrame } from "../../base/container_engine.ts";
import type { Reactor, Watch } from "../../runtime/reactor.ts";
import type { Fd } from "../../sys/fd.ts";
import { tap } from "./tap.ts";

/** Who gets the output; `data` is valid during the call only. */
export type Deliver = (stream: OutputFrame["stream"], data: Bytes) => void;

interface Source {
  readonly stream: OutputFrame["stream"];
  readonly fd: Fd;
  readonly watch: Watch;
  ended: boolean;
}

/** Carries the output of one process to its log and its readers, as it comes. */
export class OutputPump implements Disposable {
  readonly #sources: Source[] = [];
  readonly #terminal: boolean;
  readonly #deliver: Deliver;

  /** Takes over the descriptors. With a terminal its master is the one source, as stdout. */
  constructor(reactor: Reactor, output: { stdout?: Fd; stderr?: Fd; terminal: boolean }, deliver: Deliver) {
    this.#terminal = output.terminal;
    this.#deliver = deliver;
    for (const stream of ["stdout", "stderr"] as const) {
      const fd = output[stream];
      if (fd === undefined) continue;
      const source: Source = { stream, fd, ended: false, watch: reactor.watch(fd, { read: () => this.#turn(source) }) };
      this.#sources.push(source);
    }
  }

  /** Takes one portion; the reactor calls again while there is more. */
  #turn(source: Source): "more" | "empty" | "end" {
    if (source.ended) return "end";
    const state = tap(source.fd, this.#terminal, (data) => this.#deliver(source.stream, data));
    if (state === "end") {
      source.ended = true;
      source.watch[Symbol.dispose]();
    }
    return state;
  }

  /** Leaves the output in the pipes, so that the process waits: a reader cannot keep up. */
  pause(): void {
    for (const { watch, ended } of this.#sources) if (!ended) watch.pause();
  }

  resume(): void {
    for (const { watch, ended } of this.#sources) if (!ended) watch.resume();
  }

  /** Takes all that is there now; for a process that has ended that is all there will be. */
  drain(): void {
    for (const source of this.#sources) while (this.#turn(source) === "more");
  }

  [Symbol.dispose](): void {
    for (const { fd, watch, ended } of this.#sources) {
      if (!ended) watch[Symbol.dispose]();
      fd.close();
    }
    this.#sources.length = 0;
  }
}
