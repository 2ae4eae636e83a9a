import { invalid } from "../base/errors.ts";

/** Which namespaces a container shares with the host. `hostUts` counts as true when absent. */
export interface SharedNamespaces {
  readonly hostNetwork: boolean;
  readonly hostIpc: boolean;
  readonly hostUts?: boolean;
}

/** The settings of System V IPC that belong to the IPC namespace, with all of fs/mqueue (ipc_namespaces(7)). */
const IPC_PATHS: ReadonlySet<string> = new Set([
  "kernel/msgmax",
  "kernel/msgmnb",
  "kernel/msgmni",
  "kernel/sem",
  "kernel/shmall",
  "kernel/shmmax",
  "kernel/shmmni",
  "kernel/shm_rmid_forced",
]);

/**
 * Refuses settings that would change the host: only names whose value belongs to a namespace of the container's own
 * pass. Throws `invalid` with the sentences of runc, which Docker's users know.
 */
export function checkSysctls(sysctls: Readonly<Record<string, string>>, namespaces: SharedNamespaces): void {
  for (const [name, value] of Object.entries(sysctls)) {
    const path = sysctlPath(name);
    const quoted = JSON.stringify(name);
    if (value.includes("\0")) throw invalid(`sysctl ${quoted} has a NUL byte in its value`);
    if (IPC_PATHS.has(path) || path.startsWith("fs/mqueue/")) {
      if (namespaces.hostIpc) throw invalid(`sysctl ${quoted} is not allowed in the hosts ipc namespace`);
    } else if (path.startsWith("net/")) {
      if (namespaces.hostNetwork) throw invalid(`sysctl ${quoted} not allowed in host network namespace`);
    } else if (path === "kernel/hostname" && namespaces.hostUts === false) {
      throw invalid(`sysctl ${quoted} is not allowed as it conflicts with the OCI "hostname" field`);
    } else if (path !== "kernel/domainname" || namespaces.hostUts !== false) {
      throw invalid(`sysctl ${quoted} is not in a separate kernel namespace`);
    }
  }
}

/**
 * The path of a setting below /proc/sys: `net.ipv4.ip_forward` -> `net/ipv4/ip_forward`. As in sysctl(8), the first
 * separator in the name says which of "." and "/" separates; the other is then part of a name, so both
 * `net.ipv4.conf.eth0/100.rp_filter` and `net/ipv4/conf/eth0.100/rp_filter` mean the interface eth0.100.
 * Throws `invalid` for what is no plain path: empty parts, "." and "..", NUL, blanks and control characters.
 */
export function sysctlPath(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  const path = separator === "." ? name.replace(/[./]/g, (c) => c === "." ? "/" : ".") : name;
  const parts = path.split("/");
  const plain = parts.length > 1 && parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (!plain || /[\0-\x20\x7f]/.test(path)) throw invalid(`invalid sysctl name ${JSON.stringify(name)}`);
  return path;
}
