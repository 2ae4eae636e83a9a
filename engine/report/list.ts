import type { ContainerListOptions } from "../../base/container_engine.ts";
import type { ContainerSummary } from "../../base/docker/container.ts";
import { nowNanoseconds } from "../../base/timestamps.ts";
import { type FilterContext, psFilter } from "./filters.ts";
import type { ImageLookup, Reported, ReportedImage } from "./reported.ts";
import { containerSizes } from "./sizes.ts";
import { containerSummary } from "./summary.ts";

/** What the report is made of. */
export interface ListParts {
  readonly settings: { readonly root: string };
  readonly containers: Iterable<Reported> & FilterContext["containers"];
  readonly images: ImageLookup;
}

/**
 * `GET /containers/json`: the youngest first. From memory, unless sizes are wanted.
 * @throws what the filters throw.
 */
export function listContainers(parts: ListParts, options: ContainerListOptions = {}): ContainerSummary[] {
  const { limit = 0, size = false, filters = {} } = options;
  const images = remembering(parts.images);
  const matches = psFilter(filters, { containers: parts.containers, images });
  const all = options.all === true || limit > 0 || (filters["status"]?.length ?? 0) > 0;
  const now = nowNanoseconds();
  const rows: ContainerSummary[] = [];
  // Records of one engine have times of one form, so that they sort as texts.
  const containers = [...parts.containers].sort((a, b) => a.record.created < b.record.created ? 1 : -1);
  for (const container of containers) {
    if (limit > 0 && rows.length >= limit) break;
    if (!all && !runs(container)) continue;
    const summary = containerSummary(container, images, now);
    if (!matches({ container, summary })) continue;
    const { record: { imageId }, folders: { home } } = container;
    rows.push(size ? { ...summary, ...containerSizes(home, images.resolve(imageId)) } : summary);
  }
  return rows;
}

/** Docker's idea: paused and waiting for its restart is running too. */
function runs({ state }: Reported): boolean {
  return state.status === "running" || (state.status === "exited" && state.restarting);
}

/** Asks the store once for each name, however many containers have it. */
function remembering(images: ImageLookup): ImageLookup {
  const known = new Map<string, ReportedImage | undefined>();
  return {
    resolve(name) {
      if (!known.has(name)) known.set(name, images.resolve(name));
      return known.get(name);
    },
  };
}
