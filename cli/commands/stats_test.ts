import assert from "node:assert/strict";
import type { ContainerStats, CpuStats } from "../../base/docker/system.ts";
import { notFound } from "../../base/errors.ts";
import { run } from "./run_test_support.ts";
import { command } from "./stats.ts";

const cpu = (total_usage: number, system_cpu_usage: number): CpuStats => ({
  cpu_usage: { total_usage, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  system_cpu_usage,
  online_cpus: 2,
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
});
const sample: ContainerStats = {
  read: "",
  preread: "",
  id: "4".repeat(64),
  name: "/web",
  num_procs: 0,
  pids_stats: { current: 7 },
  cpu_stats: cpu(3e9, 20e9),
  precpu_stats: cpu(2.5e9, 18e9),
  memory_stats: { usage: 50e6, limit: 512 * 2 ** 20, stats: { inactive_file: 1e6 } },
  blkio_stats: { io_service_bytes_recursive: [{ major: 8, minor: 0, op: "read", value: 12345 }] },
  networks: { eth0: { rx_bytes: 1024, tx_bytes: 2048 } },
  storage_stats: {},
};
const table = `CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT   MEM %     NET I/O           BLOCK I/O     PIDS
444444444444   web       50.00%    46.73MiB / 512MiB   9.13%     1.02kB / 2.05kB   12.3kB / 0B   7
`;
const stats = () => Promise.resolve(ReadableStream.from([sample]));

Deno.test("stats --no-stream prints docker's table once", async () => {
  assert.equal((await run(command, { containers: { stats } }, ["--no-stream", "web"])).stdout, table);
});

Deno.test("stats draws in place on a terminal, until the containers that were named are gone", async () => {
  const drawn = Promise.withResolvers<void>();
  async function* samples() {
    yield sample;
    await drawn.promise;
  }
  const containers = { stats: () => Promise.resolve(samples()) };
  const { stdout } = await run(command, { containers }, ["web"], { terminal: true, onPrint: drawn.resolve });
  assert.equal(stdout, `\x1b[H${table.replaceAll("\n", "\x1b[K\n")}\x1b[J`);
});

Deno.test("stats of a container that there is not fails", async () => {
  const containers = { stats: () => Promise.reject(notFound("No such container: x")) };
  await assert.rejects(run(command, { containers }, ["x"]), { class: "not_found" });
  await assert.rejects(run(command, { containers }, ["--no-stream", "x"]), { class: "not_found" });
});
