/** A path that a container must not see, or not change, and why. */
export interface GuardedPath {
  readonly path: string;
  readonly reason: string;
}

/**
 * What is hidden from every container that is not privileged, as in Docker's current default: files under /dev/null,
 * directories under an empty read-only tmpfs. Paths that the kernel does not have are skipped by whoever mounts.
 */
export const MASKED_PATHS: readonly GuardedPath[] = [
  { path: "/proc/acpi", reason: "writing there switches the hardware of the host off and on (CVE-2018-10892)" },
  { path: "/proc/asound", reason: "shows what the host is playing or recording, and so whether somebody is there" },
  {
    path: "/proc/interrupts",
    reason: "counts give away keystrokes and what neighbours do (GHSA-6fw5-f8r9-fgfm, side channel)",
  },
  { path: "/proc/kcore", reason: "the memory of the host as a file" },
  { path: "/proc/keys", reason: "the kernel's keyring is not namespaced: shows the keys of others" },
  { path: "/proc/latency_stats", reason: "shows which kernel paths other processes wait in" },
  { path: "/proc/sched_debug", reason: "names every process of the host, also outside of the PID namespace" },
  { path: "/proc/scsi", reason: "a write removes a disk of the host (CVE-2017-16539)" },
  { path: "/proc/timer_list", reason: "shows kernel addresses and processes of the host" },
  { path: "/proc/timer_stats", reason: "shows processes of the host, on old kernels" },
  {
    path: "/sys/devices/virtual/powercap",
    reason: "the energy counters reveal keys of other processes (CVE-2020-8694, PLATYPUS; GHSA-jq35-85cj-fj4p)",
  },
  { path: "/sys/firmware", reason: "ACPI tables and UEFI variables of the host" },
];

/** What a container may read but not write; mounted over itself, read-only. Docker's current default. */
export const READ_ONLY_PATHS: readonly GuardedPath[] = [
  { path: "/proc/bus", reason: "raw access to PCI and USB devices of the host" },
  { path: "/proc/fs", reason: "settings of file systems, shared with the host" },
  { path: "/proc/irq", reason: "steers the interrupts of the host" },
  { path: "/proc/sys", reason: "most settings are the host's; those of the container are set before (sysctls.ts)" },
  { path: "/proc/sysrq-trigger", reason: "a write reboots or crashes the host" },
];

/**
 * The counters of thermal throttling, one directory per processor; hidden like {@link MASKED_PATHS} because they are
 * the same side channel as /proc/interrupts (GHSA-6fw5-f8r9-fgfm). Only Intel processors have them: the caller keeps
 * those that exist.
 */
export function thermalThrottlePaths(processors: Iterable<number>): string[] {
  return Array.from(processors, (n) => `/sys/devices/system/cpu/cpu${n}/thermal_throttle`);
}
