/** What a container has sent and received, per interface, as Docker's stats name it. */

const COLUMNS: readonly (string | undefined)[] = [
  ...["rx_bytes", "rx_packets", "rx_errors", "rx_dropped", undefined, undefined, undefined, undefined],
  ...["tx_bytes", "tx_packets", "tx_errors", "tx_dropped"],
];

/** The counters of the network namespace that process `pid` is in; undefined when it has gone, or has loopback only. */
export function networkCounters(pid: number): Record<string, Record<string, number>> | undefined {
  try {
    return parseNetDev(Deno.readTextFileSync(`/proc/${pid}/net/dev`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || /ESRCH|EINVAL|os error (3|22)/.test(String(error))) return undefined;
    throw error;
  }
}

/** Reads /proc/PID/net/dev (proc_pid_net(5)); loopback is left out, as in Docker. */
export function parseNetDev(text: string): Record<string, Record<string, number>> | undefined {
  const found = [...text.matchAll(/^\s*([^\s:|]+):\s*(.+)$/gm)]
    .filter(([, name]) => name !== "lo")
    .map(([, name = "", values = ""]) => {
      const numbers = values.trim().split(/\s+/).map(Number);
      const named = COLUMNS.flatMap((column, i) => column === undefined ? [] : [[column, numbers[i] ?? 0] as const]);
      return [name, Object.fromEntries(named)] as const;
    });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}
