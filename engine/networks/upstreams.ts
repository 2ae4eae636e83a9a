import type { HostConfig } from "../../base/docker/host_config.ts";
import { hostResolvConf } from "../../net/dns/resolv_conf.ts";

/** Who is asked what the engine does not know: those of `--dns`, else the host's; looked up anew, for they may change. */
export function upstreams({ Dns }: Pick<HostConfig, "Dns">): readonly string[] {
  return Dns.length > 0 ? Dns : hostResolvConf().nameservers;
}
