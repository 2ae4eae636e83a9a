import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { networkGraph } from "../format/network_graph.ts";

/** Ours: docker has no such command. */
export const command = defineCommand({
  usage: "[OPTIONS] [NETWORK...]",
  summary: "Draw networks, containers, addresses and published ports",
  flags: { svg: { type: "string", shown: "file", help: "Write a picture for a browser to the file (-: to stdout)" } },
  args: { min: 0 },
  async run({ engine, stdout }, { svg }, names) {
    const [networks, containers] = await Promise.all([
      names.length === 0 ? engine.networks.list() : Promise.all(names.map((name) => engine.networks.inspect(name))),
      engine.containers.list({ all: true }),
    ]);
    const graph = networkGraph(networks, containers);
    if (svg === undefined) {
      const { networkGraphText } = await import("../format/network_graph_text.ts");
      stdout.print(networkGraphText(graph));
      return 0;
    }
    const { networkGraphSvg } = await import("../format/network_graph_svg.ts");
    if (svg === "-") stdout.print(networkGraphSvg(graph));
    else await write(svg, networkGraphSvg(graph));
    return 0;
  },
});

async function write(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (cause) {
    throw invalid(`cannot write ${path}`, { cause });
  }
}
