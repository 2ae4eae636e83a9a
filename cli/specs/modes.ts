/** Which namespaces a container shares: `--pid`, `--uts`, `--userns`, `--cgroupns`, `--network`. */
import type { EndpointSettings } from "../../base/docker/network.ts";
import { invalid } from "../../base/errors.ts";
import type { ContainerFlags } from "../container_flags.ts";
import { checkMacAddress } from "./address.ts";

/** @throws `invalid` with docker's sentence for a mode that cannot be. */
export function checkModes(flags: ContainerFlags): void {
  if (!/^(host|container:.+)?$/.test(flags.pid)) throw invalid("--pid: invalid PID mode");
  if (!/^(host)?$/.test(flags.uts)) throw invalid("--uts: invalid UTS mode");
  if (!/^(host)?$/.test(flags.userns)) throw invalid("--userns: invalid USER mode");
  if (!/^(host|private)?$/.test(flags.cgroupns)) throw invalid("--cgroupns: invalid CGROUP mode");
}

export interface Networks {
  readonly mode: string;
  /** What is wished of the networks; empty when nothing is. */
  readonly endpoints: Record<string, EndpointSettings>;
}

/** The first network is the container's mode; addresses and aliases of the flags are meant for it. */
export function parseNetworks(flags: ContainerFlags): Networks {
  const names = flags.network.length === 0 ? ["default"] : flags.network;
  const endpoints: Record<string, EndpointSettings> = {};
  const modes = names.map((text, index) => {
    const { name, settings } = parseNetwork(text);
    const wished = index === 0 ? { ...settings, ...firstEndpoint(flags) } : settings;
    if (names.length > 1 || Object.keys(wished).length > 0) endpoints[name] = wished;
    return name;
  });
  return { mode: modes[0] ?? "default", endpoints };
}

function firstEndpoint(flags: ContainerFlags): EndpointSettings {
  if (flags["mac-address"] !== "") checkMacAddress(flags["mac-address"]);
  const addresses = {
    ...flags.ip !== "" && { IPv4Address: flags.ip },
    ...flags.ip6 !== "" && { IPv6Address: flags.ip6 },
    ...flags["link-local-ip"].length > 0 && { LinkLocalIPs: [...flags["link-local-ip"]] },
  };
  return {
    ...Object.keys(addresses).length > 0 && { IPAMConfig: addresses },
    ...flags["network-alias"].length > 0 && { Aliases: [...flags["network-alias"]] },
    ...flags["mac-address"] !== "" && { MacAddress: flags["mac-address"] },
  };
}

/** A name, or `name=web,alias=a,ip=172.20.0.5,mac-address=…,driver-opt=key=value`. */
function parseNetwork(text: string): { name: string; settings: EndpointSettings } {
  if (!text.includes("=")) return { name: text, settings: {} };
  const settings: EndpointSettings = {};
  let name = "";
  for (const field of text.split(",")) {
    const [, key = "", value = ""] = /^([^=]+)=(.*)$/.exec(field) ?? [];
    if (key === "name") name = value;
    else if (key === "alias") (settings.Aliases ??= []).push(value);
    else if (key === "ip") settings.IPAMConfig = { ...settings.IPAMConfig, IPv4Address: value };
    else if (key === "ip6") settings.IPAMConfig = { ...settings.IPAMConfig, IPv6Address: value };
    else if (key === "mac-address") settings.MacAddress = value;
    else if (key === "driver-opt") {
      const [, option = value, setting = ""] = /^([^=]+)=(.*)$/.exec(value) ?? [];
      settings.DriverOpts = { ...settings.DriverOpts, [option]: setting };
    } else throw invalid(`invalid field ${field}`);
  }
  if (name === "") throw invalid("network name is required: name=NETWORK");
  return { name, settings };
}
