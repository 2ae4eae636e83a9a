/** Containers as rows of a list: `ps`, `system df -v`. */
import type { ContainerSummary } from "../../base/docker/container.ts";
import { shortId } from "../../base/names.ts";
import { humanDuration, humanSize } from "../../base/units.ts";
import { goTime } from "./go_time.ts";
import { quoted } from "./go_value.ts";
import { imageNameParts } from "./image_name.ts";
import type { ListView, Row } from "./list_format.ts";
import { portList } from "./port_list.ts";
import { ellipsis } from "./text_columns.ts";

const columns = "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

const raw = `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
`;

/** The table of `ps`; `size` adds the column of the sizes. */
export function containerView(size: boolean): ListView {
  return {
    typeName: "container",
    headers: {
      ID: "CONTAINER ID",
      Names: "NAMES",
      Image: "IMAGE",
      Command: "COMMAND",
      CreatedAt: "CREATED AT",
      RunningFor: "CREATED",
      Ports: "PORTS",
      State: "STATE",
      Status: "STATUS",
      Size: "SIZE",
      Labels: "LABELS",
      Mounts: "MOUNTS",
      LocalVolumes: "LOCAL VOLUMES",
      Networks: "NETWORKS",
    },
    table: size ? `${columns}\t{{.Size}}` : columns,
    quiet: "{{.ID}}",
    quietRaw: "container_id: {{.ID}}",
    raw: size ? `${raw}size: {{.Size}}\n` : raw,
  };
}

/** A row of the table; with `truncate` ids, commands and names are short. `now` is in seconds since 1970. */
export function containerRow(container: ContainerSummary, truncate: boolean, now: number): Row {
  const { Labels, Mounts } = container;
  const names = container.Names.map((name) => name.replace(/^\//, ""));
  const mounts = Mounts.map(({ Name, Source }) => Name || Source);
  return {
    Command: quoted(truncate ? ellipsis(container.Command, 20) : container.Command),
    // Asked for by few and slow: local time loads the tables of time zones.
    get CreatedAt() {
      return goTime(container.Created);
    },
    ID: truncate ? shortId(container.Id) : container.Id,
    Image: imageShown(container, truncate),
    Label: (name: string) => Labels[name] ?? "",
    Labels: Object.entries(Labels).map(([name, value]) => `${name}=${value}`).sort().join(","),
    LocalVolumes: String(Mounts.filter(({ Driver }) => Driver === "local").length),
    Mounts: (truncate ? mounts.map((name) => ellipsis(name, 15)) : mounts).join(","),
    // Of a container with links only the name of its own.
    Names: truncate ? names.find((name) => !name.includes("/")) ?? "" : names.join(","),
    Networks: Object.keys(container.NetworkSettings.Networks).sort().join(","),
    Ports: portList(container.Ports),
    RunningFor: `${humanDuration(now - container.Created)} ago`,
    Size: sizeShown(container),
    State: container.State,
    Status: container.Status,
  };
}

function imageShown({ Image, ImageID }: ContainerSummary, truncate: boolean): string {
  if (Image === "") return "<no image>";
  if (!truncate) return Image;
  if (shortId(ImageID) === shortId(Image)) return shortId(ImageID);
  const { name, tag } = imageNameParts(Image);
  return tag === undefined ? name : `${name}:${tag}`;
}

function sizeShown({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = humanSize(SizeRw, 3);
  return SizeRootFs > 0 ? `${own} (virtual ${humanSize(SizeRootFs, 3)})` : own;
}
