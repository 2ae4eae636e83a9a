import type {
  AttachedStreams,
  AttachOptions,
  Bytes,
  CommitOptions,
  ContainerCreateOptions,
  ContainerListOptions,
  ContainerRemoveOptions,
  Containers,
  Explained,
  ExplainOptions,
  Filters,
  LogOptions,
  OutputFrame,
  PruneOptions,
  StatsOptions,
  StopOptions,
  TapeListing,
  TerminalSize,
  WaitOptions,
} from "../base/container_engine.ts";
import type {
  ContainerCreate,
  ContainerCreated,
  ContainerInspect,
  ContainerPruneResult,
  ContainerSummary,
  ContainerUpdate,
  FileChange,
  TopResult,
  WaitResult,
} from "../base/docker/container.ts";
import type { ContainerStats } from "../base/docker/system.ts";
import { unimplemented } from "../base/errors.ts";
import { attachContainer } from "./containers/attach.ts";
import { changesOf } from "./containers/changes.ts";
import { commitContainer } from "./containers/commit.ts";
import { createContainer } from "./containers/create.ts";
import { explainContainer } from "./containers/explain.ts";
import { exportContainer } from "./containers/export.ts";
import { pauseContainer, unpauseContainer } from "./containers/pause.ts";
import { pruneContainers } from "./containers/prune.ts";
import { removeContainer } from "./containers/remove.ts";
import { renameContainer } from "./containers/rename.ts";
import { resizeTerminal } from "./containers/resize.ts";
import { restartContainer } from "./containers/restart.ts";
import { startContainer } from "./containers/start.ts";
import { killContainer, stopContainer } from "./containers/stop.ts";
import { updateContainer } from "./containers/update.ts";
import { waitForContainer } from "./containers/wait.ts";
import { containerPlace } from "./files/container_place.ts";
import { PlacedFiles } from "./files/placed_files.ts";
import { readLog } from "./log/log.ts";
import { explained } from "./networks/network_steps.ts";
import type { Parts } from "./parts.ts";
import { inspectContainer } from "./report/inspect.ts";
import { needingRoom } from "./reserve.ts";
import { listContainers } from "./report/list.ts";
import { containerStats } from "./report/stats.ts";
import { containerTop } from "./report/top.ts";

/** The engine's `Containers`: finds the container, and calls the verb. */
export class EngineContainers extends PlacedFiles implements Containers {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super((id) => containerPlace(parts, parts.containers.get(id)));
    this.#parts = parts;
  }

  async create(
    config: ContainerCreate,
    { name, platform }: ContainerCreateOptions = {},
  ): Promise<ContainerCreated> {
    return await needingRoom(() => createContainer(this.#parts, config, name, platform));
  }

  async start(id: string, { explain = false }: ExplainOptions = {}): Promise<Explained> {
    const network = await startContainer(this.#parts, this.#get(id));
    return explain ? explained(network?.actions) : {};
  }

  async stop(id: string, options: StopOptions = {}): Promise<void> {
    await stopContainer(this.#parts, this.#get(id), options);
  }

  async restart(id: string, options: StopOptions = {}): Promise<void> {
    await restartContainer(this.#parts, this.#get(id), options);
  }

  async kill(id: string, { signal }: { signal?: string } = {}): Promise<void> {
    await killContainer(this.#parts, this.#get(id), signal);
  }

  async pause(id: string): Promise<void> {
    await pauseContainer(this.#parts, this.#get(id));
  }

  async unpause(id: string): Promise<void> {
    await unpauseContainer(this.#parts, this.#get(id));
  }

  async rename(id: string, name: string): Promise<void> {
    await renameContainer(this.#parts, this.#get(id), name);
  }

  async update(id: string, changes: ContainerUpdate): Promise<{ Warnings: string[] }> {
    return await updateContainer(this.#parts, this.#get(id), changes);
  }

  async remove(id: string, { force = false, volumes = false }: ContainerRemoveOptions = {}): Promise<void> {
    await removeContainer(this.#parts, this.#get(id), { force, volumes });
  }

  async prune(filters: Filters = {}, options: PruneOptions = {}): Promise<ContainerPruneResult> {
    return await pruneContainers(this.#parts, filters, options);
  }

  // deno-lint-ignore require-await
  async inspect(id: string, options: { size?: boolean } = {}): Promise<ContainerInspect> {
    return inspectContainer(this.#parts, this.#get(id), options);
  }

  // deno-lint-ignore require-await
  async list(
    options: ContainerListOptions = {},
  ): Promise<ContainerSummary[]> {
    return listContainers(this.#parts, options);
  }

  async top(id: string, psArgs?: string): Promise<TopResult> {
    return await containerTop(this.#get(id), psArgs);
  }

  // deno-lint-ignore require-await
  async changes(id: string): Promise<FileChange[]> {
    return changesOf(this.#parts, this.#get(id));
  }

  // deno-lint-ignore require-await
  async export(id: string): Promise<ReadableStream<Bytes>> {
    return exportContainer(this.#parts, this.#get(id));
  }

  async commit(id: string, options: CommitOptions = {}): Promise<{ Id: string }> {
    return await needingRoom(() => commitContainer(this.#parts, this.#get(id), options));
  }

  async wait(id: string, options: WaitOptions = {}): Promise<WaitResult> {
    return await waitForContainer(this.#get(id), options);
  }

  // deno-lint-ignore require-await
  async logs(id: string, options: LogOptions = {}): Promise<{ tty: boolean; frames: AsyncIterable<OutputFrame> }> {
    const { record, folders, running } = this.#get(id);
    if (record.hostConfig.LogConfig.Type === "none") {
      throw unimplemented("configured logging driver does not support reading");
    }
    return { tty: record.config.Tty, frames: readLog(folders.logFile, options, running?.log) };
  }

  // deno-lint-ignore require-await
  async attach(id: string, options: AttachOptions = {}): Promise<AttachedStreams> {
    return attachContainer(this.#parts, this.#get(id), options);
  }

  // deno-lint-ignore require-await
  async resize(id: string, size: TerminalSize): Promise<void> {
    resizeTerminal(this.#get(id), size);
  }

  // deno-lint-ignore require-await
  async stats(
    id: string,
    options: StatsOptions = {},
  ): Promise<AsyncIterable<ContainerStats>> {
    return containerStats(this.#get(id), options);
  }

  // deno-lint-ignore require-await
  async explain(id: string): Promise<TapeListing> {
    return explainContainer(this.#parts, this.#get(id));
  }

  #get(id: string) {
    return this.#parts.containers.get(id);
  }
}
