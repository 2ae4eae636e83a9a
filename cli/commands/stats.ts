import type { ContainerEngine } from "../../base/container_engine.ts";
import { errorClass } from "../../base/errors.ts";
import { type Context, defineCommand } from "../command.ts";
import { formatHelp, formatList } from "../format/list_format.ts";
import { type StatsFigures, statsFigures } from "../format/stats_figures.ts";
import { statsRow, statsView } from "../format/stats_view.ts";

/** Milliseconds between two drawings, as docker has it. */
const redrawInterval = 500;

export const command = defineCommand({
  usage: "[OPTIONS] [CONTAINER...]",
  summary: "Display a live stream of container(s) resource usage statistics",
  flags: {
    "all": { type: "bool", short: "a", help: "Show all containers (default shows just running)" },
    "format": { type: "string", help: formatHelp, default: "" },
    "no-stream": { type: "bool", help: "Disable streaming stats and only pull the first result" },
    "no-trunc": { type: "bool", help: "Do not truncate output" },
  },
  args: { min: 0 },
  async run(context, flags, containers) {
    const { engine } = context;
    const print = (rows: ReadonlyMap<string, StatsFigures | undefined>) =>
      formatList(statsView, flags.format, false, [...rows].map(([id, row]) => statsRow(id, row, !flags["no-trunc"])));
    const listed = async () => (await engine.containers.list({ all: flags.all })).map(({ Id }) => Id);
    if (flags["no-stream"]) {
      const ids = containers.length > 0 ? containers : await listed();
      const samples = await Promise.all(ids.map(async (id) => [id, await firstSample(engine, id)] as const));
      if (samples.length > 0) context.stdout.print(print(new Map(samples)));
      return 0;
    }
    await using live = new LiveStats(engine);
    if (containers.length > 0) await Promise.all(containers.map((id) => live.add(id)));
    else await live.followAll(flags.all, listed);
    await redraw(context, live, containers.length > 0, print);
    return 0;
  },
});

async function firstSample(engine: ContainerEngine, id: string): Promise<StatsFigures | undefined> {
  for await (const sample of await engine.containers.stats(id, { stream: false })) return statsFigures(sample);
  return undefined;
}

/** Draws until none of the containers that were named is left, or the program is interrupted. */
async function redraw(
  context: Context,
  live: LiveStats,
  named: boolean,
  print: (rows: LiveStats["rows"]) => string,
): Promise<void> {
  const { stdout } = context;
  while (live.failure === undefined && (!named || live.rows.size > 0)) {
    const text = print(live.rows);
    // From the top left, each line wiped up to its end, and all below: nothing flickers. In a pipe nothing is wiped.
    if (stdout.isTerminal) stdout.print(`\x1b[H${text.replaceAll("\n", "\x1b[K\n")}\x1b[J`);
    else stdout.print(text);
    await new Promise((resolve) => setTimeout(resolve, redrawInterval));
  }
  if (live.failure !== undefined) throw live.failure;
}

/** The latest figures of containers that come and go. */
class LiveStats implements AsyncDisposable {
  /** By the name under which each was added. */
  readonly rows = new Map<string, StatsFigures | undefined>();
  /** Why no more figures come. */
  failure: unknown;
  readonly #engine: ContainerEngine;
  readonly #streams = new Map<string, AbortController>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #events = new AbortController();

  constructor(engine: ContainerEngine) {
    this.#engine = engine;
  }

  /** Settles with the first figures. Throws `not_found` when there is no such container. */
  async add(id: string): Promise<void> {
    if (this.#streams.has(id)) return;
    const abort = new AbortController();
    this.#streams.set(id, abort);
    const samples = await this.#engine.containers.stats(id, { stream: true, signal: abort.signal });
    this.rows.set(id, undefined);
    const first = Promise.withResolvers<void>();
    this.#run(async () => {
      try {
        for await (const sample of samples) {
          this.rows.set(id, statsFigures(sample));
          first.resolve();
        }
      } finally {
        first.resolve();
        this.#drop(id);
      }
    });
    await first.promise;
  }

  /** Adds all containers that there are, and those that start later; takes away those that end. */
  async followAll(stopped: boolean, list: () => Promise<readonly string[]>): Promise<void> {
    const { signal } = this.#events;
    // Subscribed before the list is made, so that no start is missed between the two.
    const events = this.#engine.system.events({ filters: { type: ["container"] }, signal });
    this.#run(async () => {
      for await (const { Action, Actor } of events) {
        if (Action === "start" || (stopped && Action === "create")) this.#addLater(Actor.ID);
        if (Action === "destroy" || (!stopped && Action === "die")) this.#drop(Actor.ID);
      }
    });
    await Promise.all((await list()).map((id) => this.add(id).catch(ignoreMissing)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#events.abort();
    for (const abort of this.#streams.values()) abort.abort();
    await Promise.allSettled(this.#tasks);
  }

  #addLater(id: string): void {
    this.#run(() => this.add(id).catch(ignoreMissing));
  }

  #drop(id: string): void {
    this.rows.delete(id);
    this.#streams.get(id)?.abort();
    this.#streams.delete(id);
  }

  #run(work: () => Promise<void>): void {
    const task = work().catch((error) => {
      if (!(error instanceof DOMException && error.name === "AbortError")) this.failure ??= error;
    }).finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }
}

/** A container that is gone by now has no figures. */
function ignoreMissing(error: unknown): void {
  if (errorClass(error) !== "not_found") throw error;
}
