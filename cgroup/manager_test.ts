/** The manager on plain folders: what is written where, and what is read from which file. */
import assert from "node:assert/strict";
import { EngineError } from "../base/errors.ts";
import { describeError } from "../base/errors.ts";
import { unpackDeviceNumber } from "./device_number.ts";
import { openCgroups } from "./manager.ts";

type Files = Readonly<Record<string, string>>;

/** A folder with `files` that stands for /sys/fs/cgroup. */
function plainFolder(files: Files): { root: string; read: (file: string) => string } & Disposable {
  const root = Deno.makeTempDirSync({ prefix: "sauropod-cgroup-" });
  for (const [file, text] of Object.entries(files)) {
    Deno.mkdirSync(`${root}/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
    Deno.writeTextFileSync(`${root}/${file}`, text);
  }
  return {
    root,
    read: (file) => Deno.readTextFileSync(`${root}/${file}`),
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  };
}

const mountsV1 = (root: string, ...names: string[]) =>
  names.map((name) => `cgroup ${root}/${name} cgroup rw,${name} 0 0\n`).join("");
const mountsV2 = (root: string) => `cgroup2 ${root} cgroup2 rw 0 0\n`;

Deno.test("update() of v1 writes each limit into its controller's hierarchy", () => {
  const files = {
    "memory/s/c/memory.limit_in_bytes": "9223372036854771712\n",
    "memory/s/c/memory.memsw.limit_in_bytes": "",
    "cpu,cpuacct/s/c/cpu.cfs_period_us": "",
    "cpu,cpuacct/s/c/cpu.cfs_quota_us": "",
  };
  using folder = plainFolder(files);
  const cgroups = openCgroups({ root: folder.root, mounts: mountsV1(folder.root, "memory", "cpu,cpuacct") });
  assert.equal(cgroups.version, 1);
  cgroups.open("/s/c").update({ Memory: 64 << 20, MemorySwap: 128 << 20, NanoCpus: 5e8 });
  assert.equal(folder.read("memory/s/c/memory.memsw.limit_in_bytes"), "134217728");
  assert.equal(folder.read("cpu,cpuacct/s/c/cpu.cfs_quota_us"), "50000");
});

Deno.test("update() of v2 writes into the one folder, and looks which weight the kernel has", () => {
  using folder = plainFolder({ "s/c/pids.max": "max\n", "s/c/io.bfq.weight": "default 100\n", "s/c/cpu.max": "" });
  const cgroups = openCgroups({ root: folder.root, mounts: mountsV2(folder.root) });
  assert.equal(cgroups.version, 2);
  cgroups.open("/s/c").update({ PidsLimit: 7, BlkioWeight: 300 });
  // Opened without O_TRUNC, as kernel files are: the new value overwrites the beginning of the old.
  assert.equal(folder.read("s/c/pids.max"), "7ax\n");
  assert.equal(folder.read("s/c/io.bfq.weight"), "300ault 100\n");
});

Deno.test("a limit whose controller or file is missing is unavailable, and the sentence names both", () => {
  using folder = plainFolder({ "memory/s/c/cgroup.procs": "" });
  const group = openCgroups({ root: folder.root, mounts: mountsV1(folder.root, "memory") }).open("/s/c");
  for (
    const [limit, sentence] of [[{ PidsLimit: 5 }, /pids\.max = 5 needs the cgroup controller pids, which is not/], [
      { MemoryReservation: 1 << 30 },
      /memory\.soft_limit_in_bytes = 1073741824 cannot be set: the kernel lacks it/,
    ]] as const
  ) {
    assert.throws(
      () => group.update(limit),
      (error) => error instanceof EngineError && error.class === "unavailable" && sentence.test(describeError(error)),
    );
  }
});

Deno.test("create() leaves nothing when a limit fails, not even the groups above", () => {
  using folder = plainFolder({ "memory/cgroup.procs": "", "pids/cgroup.procs": "" });
  const cgroups = openCgroups({ root: folder.root, mounts: mountsV1(folder.root, "memory", "pids") });
  assert.throws(() => cgroups.create("/a/b/c", { PidsLimit: 5 }, [{ allow: true, type: "a", access: "rwm" }]));
  assert.deepEqual([...Deno.readDirSync(`${folder.root}/memory`)].map(({ name }) => name), ["cgroup.procs"]);
  assert.deepEqual([...Deno.readDirSync(`${folder.root}/pids`)].map(({ name }) => name), ["cgroup.procs"]);
});

for (const path of ["", "/", "a/b", "/a/../../etc", "/a//b", "/a/.", "/a\0b"]) {
  Deno.test(`the path ${JSON.stringify(path)} of a group is refused`, () => {
    const cgroups = openCgroups({ root: "/nowhere", mounts: mountsV2("/nowhere") });
    assert.throws(() => cgroups.open(path), /invalid cgroup path/);
  });
}

const memoryStat = "cache 4096\nrss 8192\ntotal_cache 4096\ntotal_inactive_file 1024\n";
Deno.test("stats() of v1 has Docker's shape", () => {
  using folder = plainFolder({
    "cpu/c/cpu.stat": "nr_periods 10\nnr_throttled 4\nthrottled_time 5000\n",
    "cpuacct/c/cpuacct.usage": "3000000\n",
    "cpuacct/c/cpuacct.usage_sys": "1000000\n",
    "cpuacct/c/cpuacct.usage_user": "2000000\n",
    "cpuacct/c/cpuacct.usage_percpu": "1000000 2000000 \n",
    "memory/c/memory.usage_in_bytes": "12288\n",
    "memory/c/memory.max_usage_in_bytes": "20480\n",
    "memory/c/memory.limit_in_bytes": "65536\n",
    "memory/c/memory.failcnt": "3\n",
    "memory/c/memory.stat": memoryStat,
    "pids/c/pids.current": "2\n",
    "pids/c/pids.max": "max\n",
    "blkio/c/blkio.throttle.io_service_bytes_recursive": "8:0 Read 4096\n8:0 Write 0\n8:0 Total 4096\nTotal 4096\n",
  });
  const mounts = mountsV1(folder.root, "cpu", "cpuacct", "memory", "pids", "blkio");
  const stats = openCgroups({ root: folder.root, mounts }).open("/c").stats();
  const { system_cpu_usage, online_cpus, ...cpu } = stats.cpu_stats;
  assert.ok((system_cpu_usage ?? 0) > 0 && (online_cpus ?? 0) > 0);
  assert.deepEqual(cpu, {
    cpu_usage: {
      total_usage: 3_000_000,
      percpu_usage: [1_000_000, 2_000_000],
      usage_in_kernelmode: 1_000_000,
      usage_in_usermode: 2_000_000,
    },
    throttling_data: { periods: 10, throttled_periods: 4, throttled_time: 5000 },
  });
  assert.deepEqual(stats.memory_stats, {
    usage: 12_288,
    max_usage: 20_480,
    limit: 65_536,
    failcnt: 3,
    stats: { cache: 4096, rss: 8192, total_cache: 4096, total_inactive_file: 1024 },
  });
  assert.deepEqual(stats.pids_stats, { current: 2 });
  assert.deepEqual(stats.blkio_stats.io_service_bytes_recursive, [
    { major: 8, minor: 0, op: "Read", value: 4096 },
    { major: 8, minor: 0, op: "Write", value: 0 },
    { major: 8, minor: 0, op: "Total", value: 4096 },
  ]);
});

Deno.test("stats() of v2 has Docker's shape", () => {
  using folder = plainFolder({
    "c/cpu.stat": "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 2\nnr_throttled 1\nthrottled_usec 7\n",
    "c/memory.current": "12288\n",
    "c/memory.max": "max\n",
    "c/memory.events": "low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\n",
    "c/memory.stat": "anon 8192\nfile 4096\n",
    "c/pids.current": "2\n",
    "c/pids.max": "10\n",
    "c/io.stat": "8:0 rbytes=4096 wbytes=512 rios=1 wios=1 dbytes=0 dios=0\n253:0 \n",
  });
  const group = openCgroups({ root: folder.root, mounts: mountsV2(folder.root) }).open("/c");
  const { cpu_stats, memory_stats, pids_stats, blkio_stats } = group.stats();
  assert.deepEqual(cpu_stats.cpu_usage, {
    total_usage: 30_000,
    usage_in_kernelmode: 10_000,
    usage_in_usermode: 20_000,
  });
  assert.deepEqual(cpu_stats.throttling_data, { periods: 2, throttled_periods: 1, throttled_time: 7000 });
  const { limit, ...memory } = memory_stats;
  assert.deepEqual(memory, { usage: 12_288, failcnt: 2, stats: { anon: 8192, file: 4096 } });
  assert.equal(limit, Deno.systemMemoryInfo().total);
  assert.deepEqual(pids_stats, { current: 2, limit: 10 });
  assert.deepEqual(blkio_stats.io_service_bytes_recursive, [
    { major: 8, minor: 0, op: "read", value: 4096 },
    { major: 8, minor: 0, op: "write", value: 512 },
  ]);
  assert.equal(group.oomKills(), 1);
});

Deno.test("a group that is gone has no processes, no figures, and can be killed, thawed and removed", async () => {
  using folder = plainFolder({ "freezer/x/y": "" });
  for (const mounts of [mountsV1(folder.root, "freezer", "memory"), mountsV2(folder.root)]) {
    const group = openCgroups({ root: folder.root, mounts }).open("/gone");
    assert.deepEqual(group.processes(), []);
    assert.equal(group.stats().cpu_stats.cpu_usage.total_usage, 0);
    assert.equal(group.oomKills(), 0);
    group.kill();
    await group.thaw();
    await group.remove();
  }
});

Deno.test("mounts() shows v1 as the host has it, shared hierarchies under each of their names", () => {
  const mounts =
    "cgroup /r/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\ncgroup /r/systemd cgroup rw,xattr,name=systemd 0 0\n";
  assert.deepEqual(openCgroups({ root: "/r", mounts }).mounts(), [
    { type: "tmpfs", source: "tmpfs", target: "", data: "mode=755" },
    { type: "cgroup", source: "cgroup", target: "cpu,cpuacct", data: "cpu,cpuacct" },
    { type: "symlink", source: "cpu,cpuacct", target: "cpu", data: "" },
    { type: "symlink", source: "cpu,cpuacct", target: "cpuacct", data: "" },
    { type: "cgroup", source: "cgroup", target: "systemd", data: "name=systemd" },
  ]);
  assert.deepEqual(openCgroups({ root: "/r", mounts: mountsV2("/r") }).mounts(), [
    { type: "cgroup2", source: "cgroup", target: "", data: "" },
  ]);
});

Deno.test("unpackDeviceNumber() undoes how the kernel packs a device number", () => {
  assert.equal(unpackDeviceNumber(0x800n), "8:0");
  assert.equal(unpackDeviceNumber((0xfn << 8n) | 0x01n | (0x123n << 20n)), `15:${(0x123 << 8) | 1}`);
});
