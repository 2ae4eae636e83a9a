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
} from "../../base/container_engine.ts";
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
} from "../../base/docker/container.ts";
import type { ContainerStats } from "../../base/docker/system.ts";
import { formatUnixTimestamp } from "../../base/time.ts";
import { RemoteFiles } from "./files.ts";
import { jsonLines } from "./http.ts";
import { apiPath, containerPart } from "./path.ts";
import { pruneRequest } from "./prune.ts";
import { framesOf, isRaw, RemoteStreams } from "./remote_streams.ts";

/** Containers behind the API. The shapes are Docker's on both sides, so answers are taken as they are. */
export class RemoteContainers extends RemoteFiles implements Containers {
  /** Waits whose answer has not begun: until it does, the engine may not have put the waiter in place. */
  readonly #unregistered = new Set<Promise<unknown>>();

  protected pathTo(id: string): string {
    return `/containers/${containerPart(id)}`;
  }

  create(config: ContainerCreate, options: ContainerCreateOptions = {}): Promise<ContainerCreated> {
    return this.json({ method: "POST", path: apiPath("/containers/create", { ...options }), json: config });
  }

  /** The engine is asked only when the waits that were called before are in place there. */
  async start(id: string, { explain = false }: ExplainOptions = {}): Promise<Explained> {
    while (this.#unregistered.size > 0) await Promise.allSettled(this.#unregistered);
    const path = apiPath(`${this.pathTo(id)}/start`, { explain });
    if (explain) return await this.json({ method: "POST", path });
    await this.done({ method: "POST", path });
    return {};
  }

  async stop(id: string, options: StopOptions = {}): Promise<void> {
    await this.#post(id, "stop", { signal: options.signal, t: options.timeout });
  }

  async restart(id: string, options: StopOptions = {}): Promise<void> {
    await this.#post(id, "restart", { signal: options.signal, t: options.timeout });
  }

  async kill(id: string, options: { signal?: string } = {}): Promise<void> {
    await this.#post(id, "kill", { signal: options.signal });
  }

  async pause(id: string): Promise<void> {
    await this.#post(id, "pause");
  }

  async unpause(id: string): Promise<void> {
    await this.#post(id, "unpause");
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#post(id, "rename", { name });
  }

  update(id: string, changes: ContainerUpdate): Promise<{ Warnings: string[] }> {
    return this.json({ method: "POST", path: apiPath(`${this.pathTo(id)}/update`), json: changes });
  }

  async remove(id: string, options: ContainerRemoveOptions = {}): Promise<void> {
    const path = apiPath(this.pathTo(id), { force: options.force, v: options.volumes });
    await this.done({ method: "DELETE", path });
  }

  prune(filters?: Filters, options?: PruneOptions): Promise<ContainerPruneResult> {
    return this.json(pruneRequest("/containers/prune", filters, options));
  }

  inspect(id: string, options: { size?: boolean } = {}): Promise<ContainerInspect> {
    return this.#get(id, "json", options);
  }

  list(
    options: ContainerListOptions = {},
  ): Promise<ContainerSummary[]> {
    return this.json({ method: "GET", path: apiPath("/containers/json", { ...options }) });
  }

  top(id: string, psArgs?: string): Promise<TopResult> {
    return this.#get(id, "top", { ps_args: psArgs });
  }

  async changes(id: string): Promise<FileChange[]> {
    return await this.#get<FileChange[] | null>(id, "changes") ?? [];
  }

  async export(id: string): Promise<ReadableStream<Bytes>> {
    const { body } = await this.http.request({ method: "GET", path: apiPath(`${this.pathTo(id)}/export`) });
    return ReadableStream.from(body);
  }

  commit(id: string, { config = {}, signal, ...options }: CommitOptions = {}): Promise<{ Id: string }> {
    const { reference: repo, pause = true, ...rest } = options;
    const path = apiPath("/commit", { container: id, repo, ...rest, pause: pause ? "1" : "0" });
    return this.json({ method: "POST", path, json: config, signal });
  }

  async wait(id: string, options: WaitOptions = {}): Promise<WaitResult> {
    const path = apiPath(`${this.pathTo(id)}/wait`, { condition: options.condition });
    const answer = this.http.request({ method: "POST", path, signal: options.signal });
    this.#unregistered.add(answer);
    const response = await answer.finally(() => this.#unregistered.delete(answer));
    return await response.json() as WaitResult;
  }

  async logs(
    id: string,
    options: LogOptions = {},
  ): Promise<{ tty: boolean; frames: AsyncIterable<OutputFrame> }> {
    const path = apiPath(`${this.pathTo(id)}/logs`, {
      stdout: options.stdout,
      stderr: options.stderr,
      follow: options.follow,
      since: options.since === undefined ? undefined : formatUnixTimestamp(options.since),
      until: options.until === undefined ? undefined : formatUnixTimestamp(options.until),
      timestamps: options.timestamps,
      details: options.details,
      tail: options.tail,
    });
    const { head, body } = await this.http.request({ method: "GET", path, signal: options.signal });
    const tty = isRaw(head);
    return { tty, frames: framesOf(tty, body) };
  }

  async attach(id: string, options: AttachOptions = {}): Promise<AttachedStreams> {
    const path = apiPath(`${this.pathTo(id)}/attach`, { ...options });
    return new RemoteStreams(await this.http.hijack({ method: "POST", path }));
  }

  async resize(id: string, size: TerminalSize): Promise<void> {
    await this.#post(id, "resize", { h: size.rows, w: size.columns });
  }

  async stats(
    id: string,
    options: StatsOptions = {},
  ): Promise<AsyncIterable<ContainerStats>> {
    const path = apiPath(`${this.pathTo(id)}/stats`, {
      stream: options.stream === false ? "0" : "1",
      "one-shot": options.oneShot,
    });
    const { body } = await this.http.request({ method: "GET", path, signal: options.signal });
    return jsonLines(body) as AsyncIterable<ContainerStats>;
  }

  explain(id: string): Promise<TapeListing> {
    return this.#get(id, "tape");
  }

  #get<T>(id: string, what: string, query: Parameters<typeof apiPath>[1] = {}): Promise<T> {
    return this.json({ method: "GET", path: apiPath(`${this.pathTo(id)}/${what}`, query) });
  }

  #post(id: string, verb: string, query: Parameters<typeof apiPath>[1] = {}): Promise<void> {
    return this.done({ method: "POST", path: apiPath(`${this.pathTo(id)}/${verb}`, query) });
  }
}
