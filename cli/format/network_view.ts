/** Networks as rows of a list: `network ls`. */
import type { NetworkInspect } from "../../base/docker/network.ts";
import { shortId } from "../../base/names.ts";
import type { ListView, Row } from "./list_format.ts";
import { naturalOrder } from "./natural_order.ts";

export const networkView: ListView = {
  typeName: "network",
  headers: {
    ID: "NETWORK ID",
    Name: "NAME",
    Driver: "DRIVER",
    Scope: "SCOPE",
    IPv4: "IPV4",
    IPv6: "IPV6",
    Internal: "INTERNAL",
    Labels: "LABELS",
    CreatedAt: "CREATED AT",
  },
  table: "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}",
  quiet: "{{.ID}}",
  quietRaw: "network_id: {{.ID}}",
  raw: "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
};

/** A row of the table. */
export function networkRow(network: NetworkInspect, truncate: boolean): Row {
  const labels = network.Labels ?? {};
  return {
    CreatedAt: goText(network.Created),
    Driver: network.Driver,
    ID: truncate ? shortId(network.Id) : network.Id,
    // Newer engines can leave it out, this one cannot.
    IPv4: "true",
    IPv6: String(network.EnableIPv6),
    Internal: String(network.Internal),
    Label: (name: string) => labels[name] ?? "",
    Labels: Object.entries(labels).map(([name, value]) => `${name}=${value}`).sort().join(","),
    Name: network.Name,
    Scope: network.Scope,
  };
}

/** `web2` comes before `web10`. */
export function byName(a: NetworkInspect, b: NetworkInspect): number {
  return naturalOrder(a.Name, b.Name);
}

/** `2006-01-02T15:04:05.5Z` as Go prints a time that it has read: `2006-01-02 15:04:05.5 +0000 UTC`. */
function goText(rfc3339: string): string {
  const [, date, time, zone = "Z"] = /^([\d-]+)T([\d:.]+)(Z|[+-]\d\d:\d\d)$/.exec(rfc3339) ?? [];
  if (date === undefined || time === undefined) return rfc3339;
  const offset = zone === "Z" ? "+0000" : zone.replace(":", "");
  const seconds = time.includes(".") ? time.replace(/\.?0+$/, "") : time;
  return `${date} ${seconds} ${offset} ${zone === "Z" ? "UTC" : offset}`;
}
