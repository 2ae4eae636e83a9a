import type { ContainerSummary } from "../../base/docker/container.ts";
import type { ImageSummary } from "../../base/docker/image.ts";
import type { VolumeInspect } from "../../base/docker/volume.ts";
import { humanSize } from "../../base/units.ts";
import { defineCommand } from "../command.ts";
import { containerRow, containerView } from "../format/container_view.ts";
import { imageCalls, imageRow, imageView } from "../format/image_view.ts";
import { formatHelp, formatList, type ListView, type Row, templateFailure } from "../format/list_format.ts";
import type { Template } from "../format/template.ts";
import { volumeRow, volumeView } from "../format/volume_view.ts";
import { readTemplate } from "../object_template.ts";

/** The part of `GET /system/df` that is shown. */
interface DiskUsage {
  readonly LayersSize?: number;
  /** Ours: what `image prune -a` would set free. */
  readonly LayersReclaimable?: number;
  readonly Images?: readonly ImageSummary[] | null;
  readonly Containers?: readonly ContainerSummary[] | null;
  readonly Volumes?: readonly VolumeInspect[] | null;
}

const view: ListView = {
  typeName: "disk usage",
  headers: { Type: "TYPE", TotalCount: "TOTAL", Active: "ACTIVE", Size: "SIZE", Reclaimable: "RECLAIMABLE" },
  table: "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
};

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Show disk usage of the engine",
  flags: {
    format: { type: "string", help: formatHelp, default: "" },
    verbose: { type: "bool", short: "v", help: "Show detailed information on space usage" },
  },
  args: { min: 0, max: 0 },
  async run(context, { format, verbose }) {
    const template = verbose && format !== "table" ? readTemplate(format) : undefined;
    const usage: DiskUsage = await context.engine.system.diskUsage();
    const now = Date.now() / 1000;
    if (template !== undefined) context.stdout.print(`${filled(template, rows(usage, now))}\n`);
    else if (verbose) context.stdout.print(details(rows(usage, now)));
    else {context.stdout.print(
        formatList(view, format, false, [imageTotals(usage), containerTotals(usage), volumeTotals(usage)]),
      );}
    return 0;
  },
});

function imageTotals({ LayersSize = 0, LayersReclaimable = 0, Images }: DiskUsage): Row {
  const images = Images ?? [];
  const used = images.filter(({ Containers }) => Containers > 0);
  return totals("Images", images.length, used.length, LayersSize, LayersReclaimable);
}

function containerTotals({ Containers }: DiskUsage): Row {
  const containers = Containers ?? [];
  const active = containers.filter(({ State }) => ["running", "paused", "restarting"].includes(State));
  const size = (some: readonly ContainerSummary[]) => some.reduce((sum, { SizeRw = 0 }) => sum + SizeRw, 0);
  return totals("Containers", containers.length, active.length, size(containers), size(containers) - size(active));
}

function volumeTotals({ Volumes }: DiskUsage): Row {
  const volumes = Volumes ?? [];
  const active = volumes.filter(({ UsageData }) => (UsageData?.RefCount ?? 0) > 0);
  const size = (some: readonly VolumeInspect[]) =>
    some.reduce((sum, { UsageData }) => sum + Math.max(0, UsageData?.Size ?? 0), 0);
  return totals("Local Volumes", volumes.length, active.length, size(volumes), size(volumes) - size(active));
}

function totals(Type: string, count: number, active: number, size: number, free: number): Row {
  const share = size > 0 ? ` (${Math.trunc(free * 100 / size)}%)` : "";
  return {
    Active: String(active),
    Reclaimable: `${humanSize(free)}${share}`,
    Size: humanSize(size),
    TotalCount: String(count),
    Type,
  };
}

/** One by one, as docker calls them in a template. */
interface Details {
  readonly Images: readonly Row[];
  readonly Containers: readonly Row[];
  readonly Volumes: readonly Row[];
  /** Nothing is built here. */
  readonly BuildCache: readonly Row[];
}

function rows({ Images, Containers, Volumes }: DiskUsage, now: number): Details {
  return {
    Images: (Images ?? []).map((image) => {
      const call = imageCalls(image, false)[0] ?? { repository: "<none>", tag: "<none>", digest: "<none>" };
      return imageRow(image, call, true, now);
    }),
    Containers: (Containers ?? []).map((container) => containerRow({ ...container, SizeRootFs: 0 }, true, now)),
    Volumes: (Volumes ?? []).map(volumeRow),
    BuildCache: [],
  };
}

function filled(template: Template, details: Details): string {
  try {
    return template.execute(details, { typeName: "disk usage" });
  } catch (error) {
    throw templateFailure(error);
  }
}

function details({ Images, Containers, Volumes }: Details): string {
  const images: ListView = {
    ...imageView(false),
    table:
      "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}",
  };
  const containers: ListView = {
    ...containerView(true),
    table:
      "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}",
  };
  const volumes: ListView = { ...volumeView, table: "table {{.Name}}\t{{.Links}}\t{{.Size}}" };
  return `Images space usage:\n\n${formatList(images, "", false, Images)}` +
    `\nContainers space usage:\n\n${formatList(containers, "", false, Containers)}` +
    `\nLocal Volumes space usage:\n\n${formatList(volumes, "", false, Volumes)}`;
}
