import { describeError } from "../../base/errors.ts";
import type { Link } from "../../net/route_socket.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { Parts } from "../parts.ts";
import { networkRules } from "./firewall_rules.ts";
import type { Network } from "./network.ts";
import { prefixOf } from "./pools.ts";

/**
 * Makes a bridge network exist on the host as far as it does not yet: the bridge with the gateway's address, and what the
 * kernel needs to carry packets. Called again it changes nothing, so it also mends what somebody has deleted by hand.
 */
export function realizeNetwork(parts: Parts, network: Network): Link | undefined {
  const { record, pools } = network;
  if (record.driver !== "bridge") return undefined;
  const { routes } = parts.host;
  const link = routes.link(record.bridge) ?? routes.createBridge(record.bridge, { mtu: network.mtu });
  const present = new Set(
    routes.addresses().filter(({ index }) => index === link.index).map(({ ip, prefix }) => `${ip}/${prefix}`),
  );
  for (const pool of pools) {
    const address = `${pool.gateway()}/${prefixOf(pool)}`;
    if (!present.has(address)) routes.addAddress(link.index, address, { noDad: true });
  }
  if (!link.up) {
    if (!record.ipv6) ignoringMissing(() => parts.host.setSysctl(`ipv6/conf/${record.bridge}/disable_ipv6`, "1"));
    routes.setUp(link.index);
  }
  // Published ports answer on 127.0.0.1, too; the firewall lets only translated packets through (CVE-2020-8558).
  parts.host.setSysctl(`ipv4/conf/${record.bridge}/route_localnet`, "1");
  if (!record.internal) {
    parts.host.setSysctl("ipv4/ip_forward", "1", {
      notice: "net.ipv4.ip_forward was 0 and is 1 now: containers reach beyond this host",
    });
    if (record.ipv6) {
      const notice = "net.ipv6.conf.all.forwarding was 0 and is 1 now";
      parts.host.setSysctl("ipv6/conf/all/forwarding", "1", { notice });
    }
  }
  return link;
}

/** Its rules, in force before the first container is in it; known to the firewall from then on. */
export async function protectNetwork({ host }: Parts, network: Network): Promise<void> {
  const rules = networkRules(network);
  if (rules === undefined) return;
  const text = JSON.stringify(rules);
  if (host.inForce.get(rules.bridge) === text) return;
  await (await host.firewall())?.setNetwork(rules);
  host.inForce.set(rules.bridge, text);
}

/** Takes the bridge and its rules away; the kernel takes its time, so nobody waits. */
export function dissolveNetwork(parts: Parts, { record }: Network): void {
  if (record.driver !== "bridge") return;
  const { host, log } = parts;
  const link = record.foreignBridge ? undefined : host.routes.link(record.bridge);
  // A name of the user's choice may be wanted again at once.
  const atOnce = Boolean(record.options["com.docker.network.bridge.name"]);
  if (link !== undefined && atOnce) host.routes.deleteLink(link.index);
  const later = async () => {
    if (link !== undefined && !atOnce) await host.openRoutes("host").deleteLinkAside(link.index);
    if (!host.inForce.delete(record.bridge)) return;
    (await host.firewall())?.removeNetwork(record.bridge);
  };
  later().catch((error) => log(`network ${record.name}: ${describeError(error)}`));
}

/** What no running container needs goes when the engine does; the next start makes it again. */
export async function dissolveIdleNetworks(parts: Parts): Promise<void> {
  const { containers, host, networks } = parts;
  if (!host.hasRules && !hasBridges(parts)) return;
  const inUse = new Set([...containers].flatMap(({ network }) => network?.endpoints.map((one) => one.network) ?? []));
  const firewall = await host.firewall();
  const idle = [...networks].filter((network) => !inUse.has(network) && network.record.driver === "bridge");
  for (const { record } of idle) firewall?.removeNetwork(record.bridge);
  const own = idle.filter(({ record }) => !record.foreignBridge);
  host.routes.deleteLinks(own.flatMap(({ record }) => host.routes.link(record.bridge)?.index ?? []));
  if (inUse.size === 0) await host.clearRules();
  else await firewall?.settle();
}

/** Whether there is a bridge of ours; at the engine's start: one that another has left, perhaps with rules. */
export function hasBridges({ host, networks }: Parts): boolean {
  return [...networks].some(({ record }) =>
    record.bridge !== "" && !record.foreignBridge && host.routes.link(record.bridge) !== undefined
  );
}

/** A host without IPv6 has no settings of it. */
function ignoringMissing(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) && !isErrno(error, "ENOENT")) throw error;
  }
}
