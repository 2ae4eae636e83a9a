import { addressText } from "../../base/address_text.ts";
import { invalid, notFound } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { naturalOrder } from "../format/natural_order.ts";

export const command = defineCommand({
  usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
  summary: "List port mappings or a specific mapping for the container",
  flags: {},
  args: { min: 1, max: 2 },
  async run(context, _flags, [container = "", wanted]) {
    const { NetworkSettings } = await context.engine.containers.inspect(container);
    const lines: string[] = [];
    if (wanted === undefined) {
      for (const [port, bindings] of Object.entries(NetworkSettings.Ports)) {
        for (const { HostIp, HostPort } of bindings ?? []) {
          lines.push(`${port} -> ${addressText({ ip: HostIp, port: HostPort })}`);
        }
      }
    } else {
      const [port = "", protocol = "tcp"] = wanted.split("/");
      if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw invalid(`Error: invalid port (${port})`);
      const bindings = NetworkSettings.Ports[`${port}/${protocol || "tcp"}`] ?? [];
      if (bindings.length === 0) throw notFound(`Error: No public port '${wanted}' published for ${container}`);
      lines.push(...bindings.map(({ HostIp, HostPort }) => addressText({ ip: HostIp, port: HostPort })));
    }
    lines.sort(naturalOrder);
    context.stdout.print(lines.map((line) => `${line}\n`).join(""));
    return 0;
  },
});
