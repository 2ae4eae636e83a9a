import assert from "node:assert/strict";
import type { ContainerStats } from "../../base/docker/system.ts";
import { ZERO_TIME } from "../../base/timestamps.ts";
import type { LifecycleState } from "../container_record.ts";
import { parseNetDev } from "./network_counters.ts";
import { container, EXITED, RUNNING } from "./report_test_support.ts";
import { containerStats, type StatsContainer } from "./stats.ts";

/** A container whose CPU time is how often it has been asked. */
function measured(state: LifecycleState = RUNNING): StatsContainer & { state: LifecycleState } {
  const { id, record } = container({ name: "c", state });
  let asked = 0;
  const stats = () => ({
    cpu_stats: {
      cpu_usage: { total_usage: ++asked, usage_in_kernelmode: 0, usage_in_usermode: 0 },
      throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
    },
    memory_stats: { usage: 5 },
    blkio_stats: {},
    pids_stats: { current: 1 },
    num_procs: 0,
  });
  const running = state.status === "running" ? { pid: Deno.pid, cgroup: { stats } } : undefined;
  return { id, record, state, running };
}

async function all(stats: AsyncIterable<ContainerStats>): Promise<ContainerStats[]> {
  const found: ContainerStats[] = [];
  for await (const sample of stats) found.push(sample);
  return found;
}

const cpu = ({ cpu_stats, precpu_stats }: ContainerStats) =>
  [precpu_stats.cpu_usage.total_usage, cpu_stats.cpu_usage.total_usage] as const;

Deno.test("containerStats() without stream gives one sample that has the one before in it", async () => {
  const samples = await all(containerStats(measured(), { stream: false }));
  assert.deepEqual(samples.map(cpu), [[1, 2]]);
  assert(samples[0] !== undefined && samples[0].preread !== ZERO_TIME && samples[0].preread < samples[0].read);
});

Deno.test("containerStats() one-shot gives the first sample at once", async () => {
  const samples = await all(containerStats(measured(), { stream: false, oneShot: true }));
  assert.deepEqual(samples.map(cpu), [[0, 1]]);
  assert.deepEqual([samples[0]?.preread, samples[0]?.name], [ZERO_TIME, "/c"]);
});

Deno.test("containerStats() as a stream begins at once and goes on until it is aborted", async () => {
  const controller = new AbortController();
  const seen: (readonly number[])[] = [];
  for await (const sample of containerStats(measured(), { signal: controller.signal })) {
    seen.push(cpu(sample));
    if (seen.length === 2) controller.abort();
  }
  assert.deepEqual(seen, [[0, 1], [1, 2]]);
});

Deno.test("containerStats() of a container that does not run has zeros; the stream ends with its removal", async () => {
  const stopped = measured(EXITED);
  const [sample] = await all(containerStats(stopped, { stream: false }));
  assert.deepEqual([sample?.read, sample?.cpu_stats.cpu_usage.total_usage, sample?.memory_stats], [ZERO_TIME, 0, {}]);
  const stream = containerStats(stopped);
  assert.equal((await stream.next()).value?.read, ZERO_TIME);
  stopped.state = { status: "removing", previous: EXITED };
  assert.equal((await stream.next()).done, true);
});

Deno.test("parseNetDev() names the counters of every interface but loopback", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
  eth0:    1234      10    1    2    0     0          0         3     5678      20    3    4    0     0       0          0
veth1:9876543210 1    0    0    0     0          0         0     0      0    0    0    0     0       0          0
`;
  assert.deepEqual(parseNetDev(text)?.eth0, {
    rx_bytes: 1234,
    rx_packets: 10,
    rx_errors: 1,
    rx_dropped: 2,
    tx_bytes: 5678,
    tx_packets: 20,
    tx_errors: 3,
    tx_dropped: 4,
  });
  assert.deepEqual(Object.keys(parseNetDev(text) ?? {}), ["eth0", "veth1"]);
  assert.equal(parseNetDev(text.split("\n").slice(0, 3).join("\n")), undefined);
});
