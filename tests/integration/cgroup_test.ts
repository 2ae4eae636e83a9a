/** What a group does with its processes, on the real kernel, v1, hybrid and v2 alike. */
import assert from "node:assert/strict";
import { requires } from "../support/requires.ts";
import { kernelFile, leftGroups, reap, runIn, startIn, until, withGroup } from "./cgroup_test_support.ts";

const needs = { root: true, cgroup: "any" } as const;

Deno.test({
  name: "a process that comes in by openEntry() is in the group in every hierarchy",
  ...requires(needs),
  fn: () =>
    withGroup({}, async (group, manager) => {
      const { out } = await runIn(group, "cat /proc/self/cgroup");
      const lines = out.trim().split("\n").filter((line) => manager.version === 2 || !line.startsWith("0::"));
      assert.ok(lines.length > 0);
      for (const line of lines) assert.equal(line.replace(/^\d+:[^:]*:/, ""), group.path);
    }),
});

Deno.test({
  name: "freeze() stops a busy process, thaw() lets it go on",
  ...requires(needs),
  fn: () =>
    withGroup({}, async (group) => {
      const loop = await startIn(group, "while :; do :; done");
      const used = () => group.stats().cpu_stats.cpu_usage.total_usage;
      await until("it has run", () => used() > 10_000_000);
      await group.freeze();
      const frozenAt = used();
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.ok(used() - frozenAt < 10_000_000, `ran for ${used() - frozenAt} ns while frozen`);
      await group.thaw();
      await until("it has run again", () => used() > frozenAt + 20_000_000);
      group.kill();
      await reap(loop);
    }),
});

Deno.test({
  name: "kill() ends frozen processes, too",
  ...requires(needs),
  fn: () =>
    withGroup({}, async (group) => {
      const sleeper = await startIn(group, "exec sleep 600");
      await group.freeze();
      group.kill();
      assert.equal((await reap(sleeper)).signal, "SIGKILL");
    }),
});

Deno.test({
  name: "kill() ends a tree that forks as fast as it can, whose every process lives for a moment only",
  ...requires(needs),
  fn: () =>
    withGroup({ PidsLimit: 100 }, async (group) => {
      // Each process starts the next and goes: whoever kills by a list of yesterday kills nobody.
      const chain = "f() { ( f & ) ; }; f & f & f & f & wait";
      const shell = await startIn(group, `exec >/dev/null 2>&1; ${chain}`);
      await until("it forks", () => group.processes().length > 2);
      group.kill();
      await until("all are gone", () => group.processes().length === 0);
      await reap(shell);
    }),
});

Deno.test({
  name: "stats() agrees with the kernel's files",
  ...requires(needs),
  fn: () =>
    withGroup({ Memory: 64 << 20, MemorySwap: 64 << 20, PidsLimit: 50 }, async (group, manager) => {
      const sleeper = await startIn(group, "head -c 8000000 /dev/zero | tail -c 1 >/dev/null; exec sleep 600");
      await until("it sleeps", () => {
        return Deno.readTextFileSync(`/proc/${sleeper.pid}/comm`) === "sleep\n" && group.processes().length === 1;
      });
      await group.freeze();
      const { cpu_stats, memory_stats, pids_stats } = group.stats();
      const file = (v1: string, v2: string) => kernelFile(group, manager, { v1, v2 });
      assert.deepEqual(pids_stats, { current: 1, limit: 50 });
      assert.equal(memory_stats.limit, 64 << 20);
      const usage = Number(file("memory.usage_in_bytes", "memory.current"));
      assert.ok(Math.abs((memory_stats.usage ?? 0) - usage) < 4 << 20, `${memory_stats.usage} and ${usage}`);
      const nanoseconds = manager.version === 1
        ? Number(file("cpuacct.usage", ""))
        : Number(/usage_usec (\d+)/.exec(file("", "cpu.stat"))?.[1]) * 1000;
      assert.ok(nanoseconds > 0 && Math.abs(cpu_stats.cpu_usage.total_usage - nanoseconds) < 20_000_000);
      assert.equal(cpu_stats.cpu_usage.percpu_usage === undefined, manager.version === 2);
      const [anonymous, cache] = manager.version === 1 ? ["total_rss", "total_cache"] : ["anon", "file"];
      assert.ok((memory_stats.stats?.[anonymous] ?? 0) > 0);
      assert.ok(cache !== undefined && memory_stats.stats?.[cache] !== undefined);
      await group.thaw();
      group.kill();
      await reap(sleeper);
    }),
});

Deno.test({
  name: "remove() takes groups with it that a container has made inside, and waits for processes that are dying",
  ...requires(needs),
  fn: () =>
    withGroup({}, async (group, manager) => {
      const folders = manager.version === 1
        ? ["memory", "freezer"].map((name) => `/sys/fs/cgroup/${name}${group.path}`)
        : [`/sys/fs/cgroup${group.path}`];
      for (const folder of folders) Deno.mkdirSync(`${folder}/inner/most`, { recursive: true });
      const sleeper = await startIn(group, "exec sleep 600");
      for (const folder of folders) Deno.writeTextFileSync(`${folder}/inner/most/cgroup.procs`, `${sleeper.pid}`);
      assert.deepEqual(group.processes(), [sleeper.pid]);
      group.kill();
      await Promise.all([group.remove(), reap(sleeper)]);
      manager.removeEmpty(group.path);
      assert.ok(!leftGroups().some((name) => name.endsWith(group.path)));
      await group.remove(); // once more is fine
    }),
});
