/** Volumes as rows of a list: `volume ls` and `system df -v`. */
import type { VolumeInspect } from "../../base/docker/volume.ts";
import { humanSize } from "../../base/units.ts";
import type { ListView, Row } from "./list_format.ts";

export const volumeView: ListView = {
  typeName: "volume",
  headers: {
    Driver: "DRIVER",
    Name: "VOLUME NAME",
    Scope: "SCOPE",
    Mountpoint: "MOUNTPOINT",
    Labels: "LABELS",
    Links: "LINKS",
    Size: "SIZE",
    Availability: "AVAILABILITY",
    Group: "GROUP",
    Status: "STATUS",
  },
  table: "table {{.Driver}}\t{{.Name}}",
  quiet: "{{.Name}}",
  quietRaw: "name: {{.Name}}",
  raw: "name: {{.Name}}\ndriver: {{.Driver}}\n",
};

/** A row of the table. What is not counted is `N/A`, as in docker. */
export function volumeRow(volume: VolumeInspect): Row {
  const labels = volume.Labels ?? {};
  const { RefCount, Size = -1 } = volume.UsageData ?? {};
  return {
    Availability: "N/A",
    Driver: volume.Driver,
    Group: "N/A",
    Label: (name: string) => labels[name] ?? "",
    Labels: Object.entries(labels).map(([name, value]) => `${name}=${value}`).sort().join(","),
    Links: RefCount === undefined ? "N/A" : String(RefCount),
    Mountpoint: volume.Mountpoint,
    Name: volume.Name,
    Scope: volume.Scope,
    Size: Size < 0 ? "N/A" : humanSize(Size),
    Status: "N/A",
  };
}
