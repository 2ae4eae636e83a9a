import type { Bytes, Filters, Volumes } from "../../base/container_engine.ts";
import type { VolumeCreate, VolumeInspect, VolumeList, VolumePruneResult } from "../../base/docker/volume.ts";
import type { HttpClient, HttpRequest } from "./http.ts";
import { apiPath, volumePart } from "./path.ts";

export class RemoteVolumes implements Volumes {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async list(filters?: Filters): Promise<VolumeInspect[]> {
    const { Volumes } = await this.#json<VolumeList>({ method: "GET", path: apiPath("/volumes", { filters }) });
    return Volumes;
  }

  async inspect(name: string, { size }: { size?: boolean } = {}): Promise<VolumeInspect> {
    return await this.#json({ method: "GET", path: apiPath(`/volumes/${volumePart(name)}`, { size }) });
  }

  create(config: VolumeCreate): Promise<VolumeInspect> {
    return this.#json({ method: "POST", path: apiPath("/volumes/create"), json: config });
  }

  async remove(name: string, { force }: { force?: boolean } = {}): Promise<void> {
    await this.#done({ method: "DELETE", path: apiPath(`/volumes/${volumePart(name)}`, { force }) });
  }

  async prune(filters?: Filters, { dryRun }: { dryRun?: boolean } = {}): Promise<VolumePruneResult> {
    const path = apiPath("/volumes/prune", { filters, "dry-run": dryRun });
    const answer = await this.#json<VolumePruneResult>({ method: "POST", path });
    return { ...answer, VolumesDeleted: answer.VolumesDeleted ?? [] };
  }

  async rename(name: string, newName: string): Promise<void> {
    await this.#done({ method: "POST", path: apiPath(`/volumes/${volumePart(name)}/rename`, { name: newName }) });
  }

  async clone(name: string, newName: string): Promise<VolumeInspect> {
    return await this.#json({ method: "POST", path: apiPath(`/volumes/${volumePart(name)}/clone`, { name: newName }) });
  }

  async export(name: string): Promise<ReadableStream<Bytes>> {
    const path = apiPath(`/volumes/${volumePart(name)}/archive`);
    const { body } = await this.#http.request({ method: "GET", path });
    return ReadableStream.from(body);
  }

  async import(name: string, tar: ReadableStream<Bytes>): Promise<void> {
    const path = apiPath(`/volumes/${volumePart(name)}/archive`);
    await this.#done({ method: "PUT", path, stream: tar, contentType: "application/x-tar" });
  }

  async #json<T>(request: HttpRequest): Promise<T> {
    return await (await this.#http.request(request)).json() as T;
  }

  async #done(request: HttpRequest): Promise<void> {
    await (await this.#http.request(request)).text();
  }
}
