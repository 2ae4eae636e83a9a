import type { AttachedStreams, AttachOptions, Bytes, OutputFrame } from "../../base/container_engine.ts";
import { conflict, unimplemented } from "../../base/errors.ts";
import { readLog } from "../log/log.ts";
import { DetachKeys, parseDetachKeys } from "../streams/detach_keys.ts";
import type { InputGate } from "../streams/input_gate.ts";
import type { OutputHub } from "../streams/output_hub.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";

const DEFAULT_DETACH_KEYS = "ctrl-p,ctrl-q";

/** Connects a client with the streams of a container; before its start too. */
export function attachContainer(parts: Parts, container: Container, options: AttachOptions): AttachedStreams {
  const { state, record } = container;
  if (state.status === "running" && state.paused) {
    throw conflict(`container ${container.id} is paused, unpause the container before attach`);
  }
  const { config, hostConfig } = record;
  const { logs = false, stream = false, stdin = false, stdout = false, stderr = false } = options;
  if (logs && hostConfig.LogConfig.Type === "none") {
    throw unimplemented("configured logging driver does not support reading");
  }
  const live = stream ? container.hub.subscribe({ stdout, stderr }) : undefined;
  const streams = new Streams({
    tty: config.Tty,
    output: live,
    before: logs ? readLog(container.folders.logFile, { stdout, stderr }) : undefined,
    input: stream && stdin && config.OpenStdin ? container.input : undefined,
    // A user who has left a terminal comes back to it: the end of a connection is no end of input there.
    closesStdin: config.StdinOnce && !config.Tty,
    detachKeys: config.Tty && stdin ? options.detachKeys ?? DEFAULT_DETACH_KEYS : "",
    onDetach: () => publishContainerEvent(parts, container, "detach"),
  });
  publishContainerEvent(parts, container, "attach");
  return streams;
}

/** What a connection is made of. */
export interface StreamsOf {
  readonly tty: boolean;
  readonly output: ReturnType<OutputHub["subscribe"]> | undefined;
  /** Comes first. */
  readonly before: AsyncIterable<OutputFrame> | undefined;
  readonly input: InputGate | undefined;
  /** Whether the end of this client's input is the end of the process's. */
  readonly closesStdin: boolean;
  /** Empty: none. */
  readonly detachKeys: string;
  readonly onDetach: () => void;
}

/** The streams of a container or an exec, as one client sees them. */
export class Streams implements AttachedStreams {
  readonly tty: boolean;
  readonly output: AsyncIterable<OutputFrame>;
  readonly #of: StreamsOf;
  readonly #keys: DetachKeys | undefined;

  constructor(of: StreamsOf) {
    this.tty = of.tty;
    this.#of = of;
    this.#keys = of.detachKeys === "" ? undefined : new DetachKeys(parseDetachKeys(of.detachKeys));
    this.output = joined(of.before, of.output);
  }

  async write(data: Bytes): Promise<void> {
    if (this.#keys === undefined) return await this.#of.input?.write(data);
    const { pass, complete } = this.#keys.feed(data);
    if (pass.length > 0) await this.#of.input?.write(pass);
    if (!complete) return;
    this.#of.output?.close();
    this.#of.onDetach();
  }

  async closeStdin(): Promise<void> {
    if (this.#of.closesStdin) await this.#of.input?.close();
    else if (this.tty) this.#of.output?.close(); // the client's terminal is gone, or it has enough: as dockerd
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#of.output?.close();
    return Promise.resolve();
  }
}

async function* joined(...parts: (AsyncIterable<OutputFrame> | undefined)[]): AsyncGenerator<OutputFrame> {
  for (const part of parts) if (part !== undefined) yield* part;
}
