import { findCommand } from "../../../tests/support/machine.ts";
import { finish, start } from "../command.ts";
import { networkOf } from "../host_network.ts";
import type { Measurement } from "../measurement.ts";
import { image, type Peer } from "../peer.ts";

const port = "5201";

/** How a connection gets from the host to a published port: by a rule of the kernel, or through a process. */
interface Way {
  readonly name: "dnat" | "proxy";
  readonly title: string;
  /** Options of `run` beside the port. */
  options(peer: Peer): string[];
  /** The host's address that is taken this way. */
  address(peer: Peer, container: string): Promise<string>;
  without?(peer: Peer): string | undefined;
}

/** iperf3, its server in the container's namespace and its client on the host: one second each way. */
function throughput({ name, title, options, address, without }: Way): Measurement {
  const container = `bench-${name}`;
  return {
    name,
    rows: [
      { title: `TCP through a published port ${title}, in`, unit: "Gbit/s", better: "more" },
      { title: `TCP through a published port ${title}, out`, unit: "Gbit/s", better: "more" },
    ],
    rounds: 5,
    warmUp: true,
    without(peer) {
      if (peer.withoutNetworks !== undefined) return peer.withoutNetworks;
      return findCommand("iperf3") === undefined ? "iperf3 is not installed" : without?.(peer);
    },
    async prepare(peer) {
      const words = ["-d", "--name", container, "-p", `${port}:${port}`, ...options(peer), image, "sleep", "3600"];
      if (peer.cli !== undefined) await finish(peer.cli("run", ...words));
    },
    async sample(peer) {
      const pid = await peer.pidOf(container);
      const to = await address(peer, container);
      return [await transfer(peer, pid, to), await transfer(peer, pid, to, "--reverse")];
    },
    async finish(peer) {
      await peer.remove([container]);
    },
  };
}

/** Gbit/s that arrive in a second. */
async function transfer({ network }: Peer, pid: number, address: string, ...options: string[]): Promise<number> {
  using inside = networkOf(pid);
  const server = start({ argv: ["iperf3", "--server", "--one-off", "--port", port], network: inside, silent: true });
  try {
    await listens(pid);
    const argv = ["iperf3", "--client", address, "--port", port, "--time", "1", "--json", ...options];
    const report: IperfReport = JSON.parse(await finish({ argv, network }));
    return report.end.sum_received.bits_per_second / 1e9;
  } finally {
    try {
      server.kill("SIGKILL");
    } catch {
      // it has ended with its only client
    }
    await server.status;
  }
}

interface IperfReport {
  readonly end: { readonly sum_received: { readonly bits_per_second: number } };
}

/** Settles when somebody listens on the port in the namespace of a process. */
async function listens(pid: number): Promise<void> {
  const line = new RegExp(`:${Number(port).toString(16).toUpperCase().padStart(4, "0")} 0+:0000 0A `, "m");
  const tables = ["tcp", "tcp6"].map((name) => `/proc/${pid}/net/${name}`);
  for (const end = Date.now() + 5000; !tables.some((table) => line.test(Deno.readTextFileSync(table)));) {
    if (Date.now() > end) throw new Error("iperf3 does not listen");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The gateway is an address of the host that is no loopback address: docker leaves those to its proxy. */
export const byDnat: Measurement = throughput({
  name: "dnat",
  title: "by DNAT",
  options: () => [],
  async address({ cli }, container) {
    return cli === undefined ? "" : await finish(cli("inspect", "-f", "{{.NetworkSettings.Gateway}}", container));
  },
});

export const byProxy: Measurement = throughput({
  name: "proxy",
  title: "by a proxy in user space",
  options: ({ name }) => name === "sauropod" ? ["--publish-mode", "proxy"] : [],
  address: () => Promise.resolve("127.0.0.1"),
  without: ({ name }) => name === "podman" ? "it has no proxy for root's containers" : undefined,
});
