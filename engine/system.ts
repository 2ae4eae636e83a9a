import type { CheckOptions, EventsOptions, System } from "../base/container_engine.ts";
import type { EventMessage, StoreCheck, SystemInfo, SystemVersion } from "../base/docker/system.ts";
import { usageInTurns } from "../fs/usage.ts";
import { checkStore } from "./check.ts";
import { containerFolders } from "./containers/folders.ts";
import type { Parts } from "./parts.ts";
import { systemInfo } from "./report/info.ts";
import { listContainers } from "./report/list.ts";
import { systemVersion } from "./report/version.ts";
import { volumesWithSizes } from "./volumes/inspect.ts";

/** The engine's `System`. */
export class EngineSystem implements System {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async info(): Promise<SystemInfo> {
    return await systemInfo(this.#parts);
  }

  version(): Promise<SystemVersion> {
    return Promise.resolve(systemVersion());
  }

  events(
    options: EventsOptions = {},
  ): AsyncIterable<EventMessage> {
    return this.#parts.events.subscribe(options);
  }

  async check(options?: CheckOptions): Promise<StoreCheck> {
    return await checkStore(this.#parts, options);
  }

  async diskUsage(): Promise<Record<string, unknown>> {
    const { images, settings } = this.#parts;
    const summaries = listContainers(this.#parts, { all: true });
    for (const summary of summaries) {
      summary.SizeRw = await usageInTurns(`${containerFolders(settings, summary.Id).home}/upper`);
    }
    const unused = await images.prune({ dangling: ["false"] }, { dryRun: true });
    return {
      LayersSize: images.layersSize(),
      LayersReclaimable: unused.SpaceReclaimed, // ours: of layers that images share nobody can work it out
      Images: await images.list({ sharedSize: true }),
      Containers: summaries,
      Volumes: await volumesWithSizes(this.#parts),
      BuildCache: [],
    };
  }
}
