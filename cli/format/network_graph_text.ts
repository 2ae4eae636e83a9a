import type { GraphContainer, GraphNetwork, NetworkGraph } from "./network_graph.ts";
import { displayWidth } from "./text_columns.ts";

/** A line of the tree: what stands before it, and its cells, of which all but the last are aligned. */
interface Line {
  readonly branch: string;
  readonly cells: readonly string[];
}

/**
 * The graph for a terminal, a tree of networks and those who are in them:
 *
 *     host
 *     ├─ bridge        bridge  172.17.0.0/16, gateway 172.17.0.1
 *     │  └─ web        172.17.0.2                *:8080 → 80/tcp
 *     └─ backend       bridge  172.18.0.0/16, internal
 *        ├─ db         172.18.0.2
 *        └─ web        172.18.0.3                also in bridge
 */
export function networkGraphText(graph: NetworkGraph): string {
  const { networks, containers } = graph;
  const lines: Line[] = [{ branch: "", cells: ["the host"] }];
  for (const [index, network] of networks.entries()) {
    const last = index === networks.length - 1;
    const members = containers.filter(({ endpoints }) => endpoints.some((endpoint) => endpoint.network === network));
    lines.push({ branch: "│", cells: [] });
    lines.push({ branch: last ? "└── " : "├── ", cells: [network.name, facts(network)] });
    const indent = last ? "    " : "│   ";
    for (const [at, member] of members.entries()) {
      lines.push(...memberLines(member, network, indent, at === members.length - 1));
    }
    if (members.length === 0) lines.push({ branch: `${indent}    `, cells: ["(empty)"] });
  }
  return aligned(lines);
}

/** What a network is, in words. */
export function facts({ name, driver, subnets, gateways, internal }: GraphNetwork): string {
  if (name === "host") return "the host's own interfaces";
  if (name === "none") return "no interface but lo";
  return [
    `${driver}  ${subnets.join(", ")}`,
    ...gateways.length > 0 && !internal ? [`gateway ${gateways.join(", ")}`] : [],
    ...internal ? ["internal: no way out"] : [],
  ].join("  ").trim();
}

function memberLines(member: GraphContainer, network: GraphNetwork, indent: string, last: boolean): Line[] {
  const { name, endpoints, ports, guests, running, state } = member;
  const [first] = endpoints;
  const addresses = endpoints.find((endpoint) => endpoint.network === network)?.addresses ?? [];
  const others = endpoints.filter((endpoint) => endpoint.network !== network).map((endpoint) => endpoint.network.name);
  const also = others.length === 0 ? "" : `also in ${others.join(", ")}`;
  // The host's ports lead to a container, not into a network: they are shown once.
  const notes = [...first?.network === network ? ports : [], also].filter((note) => note !== "");
  const [note = "", ...moreNotes] = notes;
  const [address = running ? "" : `(${state})`, ...moreAddresses] = addresses;
  const below = `${indent}${last ? "    " : "│   "}`;
  const more = Array.from({ length: Math.max(moreNotes.length, moreAddresses.length) }, (_, index) => ({
    branch: `${below}${guests.length > 0 ? "│   " : ""}`,
    cells: ["", moreAddresses[index] ?? "", moreNotes[index] ?? ""],
  }));
  return [
    { branch: `${indent}${last ? "└── " : "├── "}`, cells: [name, address, note] },
    ...more,
    ...guests.map((guest, index) => ({
      branch: `${below}${index === guests.length - 1 ? "└── " : "├── "}`,
      cells: [guest.name, guest.running ? "" : `(${guest.state})`, `in the network of ${name}`],
    })),
  ];
}

/** First cells end at one column; second cells of three are as wide as the widest of them. */
function aligned(lines: readonly Line[]): string {
  const nameEnd = Math.max(
    ...lines.map(({ branch, cells }) => cells.length > 1 ? branch.length + displayWidth(cells[0] ?? "") : 0),
  );
  const middle = Math.max(0, ...lines.map(({ cells }) => cells.length > 2 ? displayWidth(cells[1] ?? "") : 0));
  return lines.map(({ branch, cells: [name = "", second = "", third = ""] }) => {
    const head = branch + name + " ".repeat(Math.max(0, nameEnd - branch.length - displayWidth(name)));
    const tail = third === "" ? second : second + " ".repeat(middle - displayWidth(second)) + `   ${third}`;
    return `${head}   ${tail}`.trimEnd() + "\n";
  }).join("");
}
