/**
 * `deno task bench [NAME…] [OPTIONS]`: measures this engine against docker, podman and runc, as far as they are installed.
 * Everything has a state of its own in a temporary folder and a network namespace of its own for its bridges and firewall
 * rules, and is gone in the end.
 */
import { parseArgs } from "node:util";
import { findPeers } from "./find_peers.ts";
import { allOf, killProcessesOf, removeFolder } from "./leftovers.ts";
import type { Plan } from "./measurement.ts";
import { measurements } from "./measurements/all.ts";
import { type Peer, type PeerName, peerNames } from "./peer.ts";
import { type BenchResult, machineLine, type RowResult } from "./result.ts";
import { markdownTable, textTable } from "./table.ts";
import { takeTurns } from "./take_turns.ts";

const usage = `deno task bench [OPTIONS] [NAME…]

Measurements: ${measurements.map(({ name }) => name).join(", ")}; all of them unless named.

  --peers LIST   of ${peerNames.join(",")}
  --checkout     measures main.ts, also where dist/sauropod was built
  --rounds N     instead of each measurement's own number
  --scale N      divides the counts of containers, files and bytes: for trying the bench out
  --json FILE    writes every figure, too
  --markdown     prints the table of README`;

interface Wishes {
  readonly names: readonly string[];
  readonly peers: readonly PeerName[];
  readonly checkout: boolean;
  readonly rounds?: number;
  readonly scale: number;
  readonly json?: string;
  readonly markdown: boolean;
}

/** What the arguments ask for; a sentence about what is wrong with them. */
function parse(args: readonly string[]): Wishes | string {
  const { values, positionals } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    allowPositionals: true,
    options: {
      peers: { type: "string", default: peerNames.join(",") },
      checkout: { type: "boolean", default: false },
      rounds: { type: "string" },
      scale: { type: "string", default: "1" },
      json: { type: "string" },
      markdown: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const known = measurements.map(({ name }) => name);
  const unknown = positionals.find((name) => !known.includes(name));
  if (values.help) return usage;
  if (unknown !== undefined) return `There is no measurement ${unknown}. There are ${known.join(", ")}.`;
  const peers = peerNames.filter((name) => values.peers.split(",").includes(name));
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  const scale = Number(values.scale);
  if (!(scale >= 1) || (rounds !== undefined && !(rounds >= 1))) return "--rounds and --scale take a number from 1 on.";
  return {
    names: positionals.length === 0 ? known : positionals,
    peers,
    checkout: values.checkout,
    scale,
    markdown: values.markdown,
    ...rounds !== undefined && { rounds },
    ...values.json !== undefined && { json: values.json },
  };
}

function say(line: string): void {
  console.error(`bench: ${line}`);
}

async function measure(wishes: Wishes, peers: readonly Peer[], plan: Plan): Promise<BenchResult> {
  const ready: Peer[] = [];
  for (const peer of peers) {
    say(`${peer.name} ${peer.version}: setting up`);
    try {
      await peer.setUp();
      ready.push(peer);
    } catch (error) {
      say(`${peer.name} is left out: ${error instanceof Error ? error.message : error}`);
    }
  }
  const rows: RowResult[] = [];
  for (const measurement of measurements.filter(({ name }) => wishes.names.includes(name))) {
    rows.push(...await takeTurns(measurement, ready, plan, wishes.rounds));
  }
  return {
    machine: machineLine(),
    date: new Date().toISOString().slice(0, 10),
    peers: ready.map(({ name, version }) => ({ name, version })),
    scale: wishes.scale,
    rows,
  };
}

async function main(): Promise<number> {
  const wishes = parse(Deno.args);
  if (typeof wishes === "string") {
    console.error(wishes);
    return wishes === usage ? 0 : 1;
  }
  if (Deno.uid() !== 0) {
    console.error("The bench must run as root: it starts engines and containers.");
    return 1;
  }
  const folder = await Deno.makeTempDir({ prefix: "sauropod-bench-" });
  const peers = await findPeers(folder, { ...wishes, names: wishes.peers }, say);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => interrupted.abort(new DOMException(signal, "AbortError")));
  }
  try {
    const plan = { folder, scale: wishes.scale, say, signal: interrupted.signal };
    const result = await measure(wishes, peers, plan);
    console.log(wishes.markdown ? markdownTable(result) : textTable(result));
    if (wishes.json !== undefined) await Deno.writeTextFile(wishes.json, JSON.stringify(result, undefined, 2) + "\n");
    return result.rows.some(({ without }) => Object.values(without).some((why) => why.startsWith("failed"))) ? 1 : 0;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    say("interrupted");
    return 130;
  } finally {
    say("clearing up");
    await allOf(
      ...peers.map((peer) => () => peer.tearDown()),
      ...peers.map(({ network }) => () => network.close()),
      () => killProcessesOf(folder), // a registry, if it was interrupted
      () => removeFolder(folder),
    );
  }
}

if (import.meta.main) Deno.exit(await main());
