/**
 * The graph as a picture: containers are rows, networks are columns with a coloured line down; a dot is a place of a
 * container in a network, with its address. What the host listens for points at the containers from the left.
 *
 * All text is of one width, so that boxes can be measured without a browser; colours follow the reader's light or dark
 * setting.
 */
import type { GraphContainer, GraphEndpoint, GraphNetwork, NetworkGraph } from "./network_graph.ts";
import { displayWidth } from "./text_columns.ts";

/** Pixels of a character at 13 px: DejaVu Sans Mono and its kin are 0.602 wide. */
const character = 7.83;
const line = 18;
const margin = 24;
/** Of colour: told apart also by those who see few of them (Okabe and Ito). */
const colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#a6761d", "#7570b3"];
const grey = "#8a8f98";

const style = `
  svg { background: #ffffff; color: #1c2128 }
  text { font: 13px "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace; fill: currentColor }
  .strong { font-weight: bold } .soft { fill: #656d76 } .box { fill: #f6f8fa; stroke: #8a8f98 }
  .halo { stroke: #ffffff; stroke-width: 4; paint-order: stroke; stroke-linejoin: round }
  .wire { stroke: #8a8f98; stroke-width: 1.5; fill: none } .head { fill: #8a8f98 } .gap { stroke: #ffffff; stroke-width: 12 }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3 } .soft { fill: #9198a1 } .box { fill: #161b22 } .halo, .gap { stroke: #0d1117 }
  }
`;

/** A network's place across. */
interface Column {
  readonly network: GraphNetwork;
  readonly colour: string;
  readonly facts: readonly string[];
  /** Of the box at its top. */
  readonly left: number;
  readonly width: number;
}

/** A container's place down. */
interface Row {
  readonly container: GraphContainer;
  /** For a guest, whose network it lives in. */
  readonly host?: GraphContainer;
  /** Of the box with its name, and of the wire. */
  readonly middle: number;
  readonly end: number;
}

/** The whole document. */
export function networkGraphSvg(graph: NetworkGraph): string {
  const heading = `${graph.networks.length} networks, ${graph.containers.length} containers`;
  const names = graph.containers.flatMap(({ name, guests }) => [name, ...guests.map((guest) => guest.name)]);
  const portsWidth = widest(graph.containers.flatMap(({ ports }) => ports));
  const boxLeft = margin + (portsWidth === 0 ? 0 : portsWidth + 44);
  const boxWidth = Math.max(110, widest(names) + 28);
  const columns = columnsOf(graph, boxLeft + boxWidth + 36);
  const top = margin + 34 + Math.max(0, ...columns.map(({ facts }) => facts.length)) * line + 20;
  const rows = rowsOf(graph.containers, top);
  const end = rows.at(-1)?.end ?? top + line;
  const lastColumn = columns.at(-1);
  const width = Math.ceil(
    (lastColumn === undefined ? boxLeft + boxWidth : lastColumn.left + lastColumn.width) + margin,
  );
  const height = Math.ceil(end + margin);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
    ` role="img" aria-label="${escaped(heading)}">`,
    `<title>${escaped(heading)}</title>`,
    `<style>${style}</style>`,
    ...rows.map((row) => wireOf(row, columns, boxLeft + boxWidth)),
    ...columns.map((column) => busOf(column, end)),
    ...rows.flatMap((row, index) => rowOf(row, rows[index - 1], columns, boxLeft, boxWidth)),
    ...columns.map(headOf),
    ...portsWidth === 0 ? [] : [words(margin, top - 12, "the host listens at", "soft")],
    words(boxLeft, top - 12, rows.length === 0 ? "no containers" : "containers", "soft"),
    `</svg>\n`,
  ].join("\n");
}

function columnsOf({ networks, containers }: NetworkGraph, start: number): Column[] {
  let left = start;
  return networks.map((network, index) => {
    const addresses = containers.flatMap(({ endpoints }) =>
      endpoints.flatMap((endpoint) => endpoint.network === network ? endpoint.addresses : [])
    );
    const facts = factsOf(network);
    const width = Math.max(120, widest([network.name, ...facts]) + 24, widest(addresses) + 44);
    const own = network.name !== "host" && network.name !== "none";
    const column = { network, facts, left, width, colour: own ? colours[index % colours.length] ?? grey : grey };
    left += width + 20;
    return column;
  });
}

function factsOf({ name, driver, subnets, gateways, internal }: GraphNetwork): string[] {
  if (name === "host") return ["the host's own", "interfaces"];
  if (name === "none") return ["no interface", "but lo"];
  const way = internal ? ["no way out"] : gateways.map((gateway) => `gw ${gateway}`);
  return [internal ? `${driver}, internal` : driver, ...subnets, ...way];
}

function rowsOf(containers: readonly GraphContainer[], start: number): Row[] {
  let top = start;
  const place = (container: GraphContainer, host?: GraphContainer): Row => {
    const addresses = container.endpoints.map((endpoint) => endpoint.addresses.length);
    const lines = Math.max(2, container.ports.length, ...addresses);
    const height = lines * line + 22;
    const row = { container, middle: top + height / 2 - 3, end: top + height, ...host === undefined ? {} : { host } };
    top = row.end;
    return row;
  };
  return containers.flatMap((container) => [
    place(container),
    ...container.guests.map((guest) => place(guest, container)),
  ]);
}

/** From the box of a container to the last network that it is in. */
function wireOf({ container, host, middle }: Row, columns: readonly Column[], from: number): string {
  const own = host !== undefined ? [] : columns.filter((column) => endpointIn(container, column) !== undefined);
  const last = own.at(-1);
  return last === undefined ? "" : `<path class="wire" d="M${from} ${middle}H${last.left + 16}"/>`;
}

/** The line of a network, all the way down; wires that only cross it are cut, as if they went under it. */
function busOf({ left, colour, network, facts }: Column, end: number): string {
  const d = `M${left + 16} ${margin + headHeight(facts) + 2}V${end}`;
  const dashes = network.internal ? ` stroke-dasharray="7 5"` : "";
  return `<path class="gap" d="${d}"/><path d="${d}" stroke="${colour}" stroke-width="4"${dashes}/>`;
}

function headHeight(facts: readonly string[]): number {
  return 34 + facts.length * line;
}

function endpointIn({ endpoints }: GraphContainer, { network }: Column): GraphEndpoint | undefined {
  return endpoints.find((endpoint) => endpoint.network === network);
}

function headOf({ left, width, colour, network, facts }: Column): string {
  const height = headHeight(facts);
  return [
    `<g><title>${escaped(`network ${network.name} (${network.id.slice(0, 12)})`)}</title>`,
    `<rect class="box" x="${left}" y="${margin}" width="${width}" height="${height}" rx="6"/>`,
    `<path d="M${left + 3} ${margin + 3}H${
      left + width - 3
    }" stroke="${colour}" stroke-width="6" stroke-linecap="round"/>`,
    words(left + 12, margin + 26, network.name, "strong"),
    ...facts.map((fact, index) => words(left + 12, margin + 26 + (index + 1) * line, fact, "soft")),
    `</g>`,
  ].join("\n");
}

/** A container: its box, its ports at the left of it, dots and addresses at the right. */
function rowOf(
  { container, host, middle }: Row,
  before: Row | undefined,
  columns: readonly Column[],
  boxLeft: number,
  boxWidth: number,
): string[] {
  const { name, running, state, ports } = container;
  const boxTop = middle - 20;
  const note = host !== undefined ? `with ${host.name}` : running ? "" : state;
  return [
    `<g><title>${escaped(titleOf(container))}</title>`,
    ...host === undefined || before === undefined
      ? []
      : [`<path class="wire" d="M${boxLeft + boxWidth / 2} ${before.middle + 20}V${boxTop}"/>`],
    ...portsOf(ports, middle, boxLeft),
    `<rect class="box" x="${boxLeft}" y="${boxTop}" width="${boxWidth}" height="40" rx="6"/>`,
    words(boxLeft + 14, note === "" ? middle + 5 : middle - 3, name, running ? "strong" : "soft"),
    ...note === "" ? [] : [words(boxLeft + 14, middle + 13, note, "soft")],
    ...host !== undefined ? [] : columns.flatMap((column) => placeOf(container, column, middle)),
    `</g>`,
  ];
}

/** A dot, hollow where the container does not run, and the addresses above and below the wire. */
function placeOf(container: GraphContainer, column: Column, middle: number): string[] {
  const { left, colour } = column;
  const endpoint = endpointIn(container, column);
  if (endpoint === undefined) return [];
  const look = container.running ? `fill="${colour}"` : `class="box" style="stroke: ${colour}; stroke-width: 3"`;
  return [
    `<circle cx="${left + 16}" cy="${middle}" r="7" ${look}/>`,
    ...endpoint.addresses.map((address, index) =>
      words(left + 30, middle - 6 + (index === 0 ? 0 : index * line + 5), address, "halo")
    ),
  ];
}

/** `*:8080 → 80/tcp`, with an arrow into the box. */
function portsOf(ports: readonly string[], middle: number, boxLeft: number): string[] {
  if (ports.length === 0) return [];
  const first = middle - (ports.length - 1) * line / 2;
  const tip = boxLeft - 2;
  const lines = ports.map((port, index) => {
    const y = first + index * line;
    const from = margin + displayWidth(port) * character + 8;
    return words(margin, y + 4.5, port, "") +
      `<path class="wire" d="M${from} ${y}H${tip - 26}L${tip - 14} ${middle}"/>`;
  });
  return [
    ...lines,
    `<path class="wire" d="M${tip - 14} ${middle}H${tip - 6}"/>`,
    `<path class="head" d="M${tip} ${middle}l-9 -5v10z"/>`,
  ];
}

function titleOf({ name, state, endpoints, ports }: GraphContainer): string {
  const places = endpoints.map(({ network, addresses }) => `${network.name} ${addresses.join(", ")}`.trim());
  return [`${name} (${state})`, ...places, ...ports].join("\n");
}

function words(x: number, y: number, text: string, style: string): string {
  return `<text x="${round(x)}" y="${round(y)}"${style === "" ? "" : ` class="${style}"`}>${escaped(text)}</text>`;
}

function widest(texts: readonly string[]): number {
  return Math.ceil(Math.max(0, ...texts.map(displayWidth)) * character);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
