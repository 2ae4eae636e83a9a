import type { EventsOptions, System } from "../base/container_engine.ts";
import type { EventMessage, SystemInfo, SystemVersion } from "../base/docker/system.ts";
import { unimplemented } from "../base/errors.ts";
import { usage } from "../fs/usage.ts";
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

  check(): never {
    throw unimplemented("not yet");
  }

  async diskUsage(): Promise<Record<string, unknown>> {
    const { containers, images } = this.#parts;
    const summaries = listContainers(this.#parts, { all: true });
    for (const summary of summaries) summary.SizeRw = usage(`${containers.get(summary.Id).folders.home}/upper`);
    return {
      LayersSize: images.layersSize(),
      Images: await images.list({ all: true, sharedSize: true }),
      Containers: summaries,
      Volumes: await volumesWithSizes(this.#parts),
      BuildCache: [],
    };
  }
}
