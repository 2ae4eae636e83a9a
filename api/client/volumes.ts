import type { Bytes, Filters, PruneOptions, Volumes } from "../../base/container_engine.ts";
import type { VolumeCreate, VolumeInspect, VolumeList, VolumePruneResult } from "../../base/docker/volume.ts";
import { RemoteFiles } from "./files.ts";
import { apiPath, volumePart } from "./path.ts";
import { pruneRequest } from "./prune.ts";

export class RemoteVolumes extends RemoteFiles implements Volumes {
  protected pathTo(name: string): string {
    return `/volumes/${volumePart(name)}`;
  }

  async list(filters?: Filters): Promise<VolumeInspect[]> {
    const { Volumes } = await this.json<VolumeList>({ method: "GET", path: apiPath("/volumes", { filters }) });
    return Volumes;
  }

  async inspect(name: string, { size }: { size?: boolean } = {}): Promise<VolumeInspect> {
    return await this.json({ method: "GET", path: apiPath(this.pathTo(name), { size }) });
  }

  create(config: VolumeCreate): Promise<VolumeInspect> {
    return this.json({ method: "POST", path: apiPath("/volumes/create"), json: config });
  }

  async remove(name: string, { force }: { force?: boolean } = {}): Promise<void> {
    await this.done({ method: "DELETE", path: apiPath(this.pathTo(name), { force }) });
  }

  async prune(filters?: Filters, options?: PruneOptions): Promise<VolumePruneResult> {
    const answer = await this.json<VolumePruneResult>(pruneRequest("/volumes/prune", filters, options));
    return { ...answer, VolumesDeleted: answer.VolumesDeleted ?? [] };
  }

  async rename(name: string, newName: string): Promise<void> {
    await this.done({ method: "POST", path: apiPath(`${this.pathTo(name)}/rename`, { name: newName }) });
  }

  async clone(name: string, newName: string): Promise<VolumeInspect> {
    return await this.json({ method: "POST", path: apiPath(`${this.pathTo(name)}/clone`, { name: newName }) });
  }

  async export(name: string): Promise<ReadableStream<Bytes>> {
    const path = apiPath(`${this.pathTo(name)}/contents`);
    const { body } = await this.http.request({ method: "GET", path });
    return ReadableStream.from(body);
  }

  async import(name: string, tar: ReadableStream<Bytes>): Promise<void> {
    const path = apiPath(`${this.pathTo(name)}/contents`);
    await this.done({ method: "PUT", path, stream: tar, contentType: "application/x-tar" });
  }
}
