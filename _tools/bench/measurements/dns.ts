import { findCommand } from "../../../tests/support/machine.ts";
import { finish } from "../command.ts";
import { networkOf } from "../host_network.ts";
import { type Measurement, names, type Plan } from "../measurement.ts";
import { exists } from "../leftovers.ts";
import { type BenchNetwork, image, type Peer } from "../peer.ts";

const network: BenchNetwork = "bench-dns";
const containers = names("dns", 10);
const aliases = Array.from({ length: 10 }, (_, index) => `alias-${index}`);

/** What answers names in podman's networks: netavark's server, or a plugin of CNI. */
const podmanServers = ["/usr/lib/podman/aardvark-dns", "/usr/lib/cni/dnsname"];

/** Names of a user-defined network, asked for by dnsperf in a container's namespace, 32 questions in flight. */
export const dns: Measurement = {
  name: "dns",
  rows: [{ title: "DNS queries at 100 names, 32 in flight", unit: "per s", better: "more" }],
  rounds: 5,
  warmUp: true,
  without({ name, withoutNetworks }) {
    if (withoutNetworks !== undefined) return withoutNetworks;
    if (findCommand("dnsperf") === undefined) return "dnsperf is not installed";
    const silent = name === "podman" && !podmanServers.some(exists);
    return silent ? "neither aardvark-dns nor the CNI plugin dnsname is installed" : undefined;
  },
  async prepare({ cli }, plan) {
    if (cli === undefined) return;
    await Deno.writeTextFile(questions(plan), allNames().map((name) => `${name} A\n`).join(""));
    await finish(cli("network", "create", network));
    for (const name of containers) {
      const options = aliases.flatMap((alias) => ["--network-alias", `${name}-${alias}`]);
      await finish(cli("run", "-d", "--name", name, "--network", network, ...options, image, "sleep", "3600"));
    }
  },
  async sample(peer, plan) {
    const [container = ""] = containers;
    using inside = networkOf(await peer.pidOf(container));
    const server = await serverOf(peer, container);
    const options = ["-s", server, "-d", questions(plan), "-c", "1", "-q", "32", "-l", "2"];
    return [rate(await finish({ argv: ["dnsperf", ...options], network: inside }))];
  },
  async finish(peer) {
    await peer.remove(containers);
    if (peer.cli !== undefined) await finish(peer.cli("network", "rm", network));
  },
};

function questions({ folder }: Plan): string {
  return `${folder}/dns-questions`;
}

function allNames(): string[] {
  return containers.flatMap((name) => aliases.map((alias) => `${name}-${alias}`));
}

/** Whom the container asks. */
async function serverOf({ cli }: Peer, container: string): Promise<string> {
  const text = cli === undefined ? "" : await finish(cli("exec", container, "cat", "/etc/resolv.conf"));
  const [, server] = /^nameserver\s+(\S+)/m.exec(text) ?? [];
  if (server === undefined) throw new Error(`no nameserver in the container's resolv.conf: ${text}`);
  return server;
}

/** Queries per second in dnsperf's report; a question that was lost or refused makes the figure worthless. */
function rate(report: string): number {
  const [, good] = /^\s*Response codes:\s+NOERROR \d+ \(([\d.]+)%\)/m.exec(report) ?? [];
  const [, queries] = /^\s*Queries per second:\s+([\d.]+)/m.exec(report) ?? [];
  if (Number(good) !== 100 || queries === undefined) throw new Error(`not all answers are good: ${oneLine(report)}`);
  return Number(queries);
}

function oneLine(report: string): string {
  return report.slice(report.indexOf("Statistics:")).replaceAll(/\s+/g, " ");
}
