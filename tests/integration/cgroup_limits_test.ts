/** Limits hold on the real kernel, v1, hybrid and v2 alike. */
import assert from "node:assert/strict";
import { containerRules } from "../../cgroup/device_rules.ts";
import { openCgroups } from "../../cgroup/manager.ts";
import { read } from "../../sys/file.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { requires } from "../support/requires.ts";
import { kernelFile, leftGroups, PARENT, reap, runIn, startIn, until, withGroup } from "./cgroup_test_support.ts";

const needs = { root: true, cgroup: "any" } as const;
const M = 1 << 20;

Deno.test({
  name: "a process over its memory limit is killed, counted, and the watcher wakes",
  ...requires(needs),
  fn: () =>
    withGroup({ Memory: 32 * M, MemorySwap: 32 * M }, async (group) => {
      using watcher = group.watchOom();
      assert.ok(watcher);
      const event = new Uint8Array(4096);
      assert.throws(() => read(watcher, event), (error) => isErrno(error, "EAGAIN"));
      assert.equal(group.oomKills(), 0);
      // tail keeps the last line, and /dev/zero has but one.
      const status = await reap(await startIn(group, "exec tail -n 1 < /dev/zero"));
      assert.equal(status.signal, "SIGKILL");
      assert.equal(group.oomKills(), 1);
      assert.ok(read(watcher, event) > 0);
    }),
});

Deno.test({
  name: "half a CPU is what a busy loop gets: as much as the quota times the periods, and it is throttled",
  ...requires(needs),
  fn: () =>
    withGroup({ NanoCpus: 500_000_000 }, async (group) => {
      const loop = await startIn(group, "while :; do :; done");
      await until("20 periods have passed", () => group.stats().cpu_stats.throttling_data.periods >= 20);
      const { cpu_usage, throttling_data } = group.stats().cpu_stats;
      group.kill();
      await reap(loop);
      assert.ok(throttling_data.throttled_periods > 0, JSON.stringify(throttling_data));
      const quota = 50_000_000; // ns in each period of 100 ms; the first and the last may be counted half
      assert.ok(
        cpu_usage.total_usage < quota * (throttling_data.periods + 3),
        JSON.stringify({ cpu_usage, throttling_data }),
      );
    }),
});

Deno.test({
  name: "shares of 1024 and 512 on one CPU become 2 to 1",
  ...requires(needs),
  fn: () =>
    withGroup({ CpuShares: 1024, CpusetCpus: "0" }, async (large, manager) => {
      const small = manager.create(`${large.path}-small`, { CpuShares: 512, CpusetCpus: "0" }, containerRules({}));
      try {
        const loops = [await startIn(large, "while :; do :; done"), await startIn(small, "while :; do :; done")];
        const used = () => [large, small].map((group) => group.stats().cpu_stats.cpu_usage.total_usage);
        await until("they have used two seconds", () => used().reduce((a, b) => a + b) > 2e9);
        const [a = 0, b = 1] = used();
        for (const group of [large, small]) group.kill();
        for (const loop of loops) await reap(loop);
        assert.ok(a / b > 1.4 && a / b < 2.9, `${a} to ${b}`);
      } finally {
        small.kill();
        await small.remove();
      }
    }),
});

Deno.test({
  name: "a fork bomb stops at the limit of processes",
  ...requires(needs),
  fn: () =>
    withGroup({ PidsLimit: 5 }, async (group, manager) => {
      const { code, err } = await runIn(group, "for i in 1 2 3 4 5 6 7 8 9; do sleep 600 >/dev/null 2>&1 & done; wait");
      assert.notEqual(code, 0);
      assert.match(err, /fork/i);
      assert.equal(group.processes().length, 4); // the shell, the fifth, gave up
      assert.match(kernelFile(group, manager, { v1: "pids.events", v2: "pids.events" }), /^max [1-9]/);
    }),
});

Deno.test({
  name: "a process bound to CPU 0 may run there only",
  ...requires(needs),
  fn: () =>
    withGroup({ CpusetCpus: "0" }, async (group) => {
      const { out } = await runIn(group, "grep Cpus_allowed_list /proc/self/status");
      assert.match(out, /:\s+0$/m);
    }),
});

Deno.test({
  name: "update() raises and lowers the limits of a running group, memory and swap in the right order",
  ...requires(needs),
  fn: () =>
    withGroup({ Memory: 64 * M, MemorySwap: 128 * M, PidsLimit: 100 }, async (group, manager) => {
      const sleeper = await startIn(group, "exec sleep 600");
      const memory = () => kernelFile(group, manager, { v1: "memory.limit_in_bytes", v2: "memory.max" });
      const swap = () => {
        const value = kernelFile(group, manager, { v1: "memory.memsw.limit_in_bytes", v2: "memory.swap.max" });
        return Number(value) - (manager.version === 1 ? Number(memory()) : 0);
      };
      for (const size of [64, 512, 64, 256, 128]) {
        group.update({ Memory: size * M, MemorySwap: 2 * size * M });
        assert.equal(memory(), `${size * M}`);
        assert.equal(swap(), size * M);
      }
      group.update({ PidsLimit: 7, NanoCpus: 250_000_000, CpuShares: 2048 });
      const file = (v1: string, v2: string) => kernelFile(group, manager, { v1, v2 });
      assert.equal(file("pids.max", "pids.max"), "7");
      assert.equal(file("cpu.cfs_quota_us", "cpu.max").split(" ")[0], "25000");
      assert.equal(file("cpu.shares", "cpu.weight"), manager.version === 1 ? "2048" : "79");
      group.update({ PidsLimit: -1, CpuQuota: -1 });
      assert.equal(file("pids.max", "pids.max"), "max");
      assert.equal(file("cpu.cfs_quota_us", "cpu.max").split(" ")[0], manager.version === 1 ? "-1" : "max");
      group.kill();
      await reap(sleeper);
    }),
});

Deno.test({
  name: "create() leaves nothing when the kernel refuses a limit, and names file and value",
  ...requires(needs),
  fn() {
    const manager = openCgroups();
    assert.throws(
      () => manager.create(`${PARENT}/refused`, { CpusetCpus: "8000" }, []),
      /cpuset\.cpus = 8000: E/,
    );
    assert.deepEqual(leftGroups(), []);
  },
});

Deno.test({
  name: "create() takes the place of an empty group that an engine left, and of its limits",
  ...requires(needs),
  fn: () =>
    withGroup({ PidsLimit: 5 }, async (old, manager) => {
      const group = manager.create(old.path, { CpuShares: 100 }, []);
      assert.equal(kernelFile(group, manager, { v1: "pids.max", v2: "pids.max" }), "max");
      const sleeper = await startIn(group, "exec sleep 600");
      assert.throws(() => manager.create(old.path, {}, []), (error) => isErrno(error, "EBUSY"));
      assert.deepEqual(group.processes(), [sleeper.pid]);
      group.kill();
      await reap(sleeper);
    }),
});

Deno.test({
  name: "machine() knows the CPUs of this machine, and leaves no trace of having asked",
  ...requires(needs),
  async fn() {
    const { stdout } = await new Deno.Command("getconf", { args: ["_NPROCESSORS_ONLN"] }).output();
    const machine = openCgroups().machine();
    assert.equal(machine.cpus, Number(new TextDecoder().decode(stdout)));
    assert.ok(machine.memory && machine.pids && machine.cpuQuota && machine.cpuset);
    assert.deepEqual(leftGroups(), []);
  },
});
