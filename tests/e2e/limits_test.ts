/** Limits on the real kernel; the same on cgroup v1, hybrid and v2. The witnesses are the kernel's own files. */
import assert from "node:assert/strict";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { groupFile, groupFolder, pidOf, processorTime, startSleeper } from "../support/containers.ts";
import { type Sandbox, until } from "../support/sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

const MiB = 1 << 20;
/** dd asks for this much at once, and touches it all. */
const greedy = ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"];

async function eventsOf(box: Sandbox, name: string): Promise<string[]> {
  const until = String(Math.ceil(Date.now() / 1000));
  const since = String(Math.floor(Date.now() / 1000) - 60);
  const flags = ["--since", since, "--until", until, "-f", `container=${name}`, "--format", "{{.Action}}"];
  return (await box.ok("events", ...flags)).split("\n");
}

/** Processor time that the container uses per second, over about `seconds`. */
async function share(pids: readonly number[], seconds: number): Promise<number[]> {
  const [before, start] = [pids.map(processorTime), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const elapsed = (performance.now() - start) / 1000;
  return pids.map((pid, i) => (processorTime(pid) - (before[i] ?? 0)) / elapsed);
}

test("-m: a process that takes more is killed: 137, OOMKilled, an oom event before die", async (box) => {
  const limit = ["-m", "32m", "--memory-swap", "32m"];
  const { code } = await box.sauropod(["run", "--name", "greedy", ...limit, "busybox", ...greedy]);
  assert.equal(code, 137);
  assert.equal(await box.inspect("greedy", "{{.State.OOMKilled}} {{.State.ExitCode}}"), "true 137");
  const events = (await eventsOf(box, "greedy")).filter((action) => action === "oom" || action === "die");
  assert.deepEqual([...new Set(events)], ["oom", "die"]);
  await box.ok("rm", "greedy");
});

test("-m: where a child is killed the container goes on", async (box) => {
  const script = `${greedy.join(" ")}; echo ended with $?; cat`;
  const limit = ["-m", "32m", "--memory-swap", "32m"];
  await box.ok("run", "-d", "-i", "--name", "greedy-child", ...limit, "busybox", "sh", "-c", script);
  await until("the child is dead", async () => (await box.ok("logs", "greedy-child")).includes("ended with 137"));
  assert.equal(await box.inspect("greedy-child", "{{.State.Status}}"), "running");
  await until("the event", async () => (await eventsOf(box, "greedy-child")).includes("oom"));
  await box.ok("rm", "-f", "greedy-child");
});

test("a container that ends by itself, or by kill, is not OOMKilled", async (box) => {
  await box.ok("run", "-d", "--name", "moderate", "-m", "32m", "busybox", "sleep", "1000");
  await box.ok("kill", "moderate");
  assert.equal(await box.inspect("moderate", "{{.State.OOMKilled}} {{.State.ExitCode}}"), "false 137");
  await box.ok("rm", "moderate");
});

test("--cpus 0.5 gives a busy loop half a processor", async (box) => {
  await box.ok("run", "-d", "--name", "half", "--cpus", "0.5", "busybox", "sh", "-c", "while :; do :; done");
  const [used = 0] = await share([await pidOf(box, "half")], 2);
  assert.ok(used > 0.25 && used < 0.6, `${used} processors`);
  await box.ok("rm", "-f", "half");
});

test("shares of 1024 and 512 on one processor give two to one", async (box) => {
  for (const [name, shares] of [["big", "1024"], ["small", "512"]] as const) {
    const limits = ["--cpuset-cpus", "0", "--cpu-shares", shares];
    await box.ok("run", "-d", "--name", name, ...limits, "busybox", "sh", "-c", "while :; do :; done");
  }
  const [big = 0, small = 0] = await share([await pidOf(box, "big"), await pidOf(box, "small")], 3);
  assert.ok(big / small > 1.5 && big / small < 2.7, `${big} to ${small}`);
  assert.ok(big + small < 1.1, `${big + small} processors`);
  await box.ok("rm", "-f", "big", "small");
});

test("--cpuset-cpus: the processes may run there only", async (box) => {
  const script = "grep Cpus_allowed_list /proc/self/status";
  const line = await box.ok("run", "--rm", "--cpuset-cpus", "0", "busybox", "sh", "-c", script);
  assert.match(line, /\t0$/);
});

test("--pids-limit stops a fork bomb", async (box) => {
  const bomb = "bomb() { bomb | bomb & }; bomb; sleep 1000";
  await box.ok("run", "-d", "--name", "bomb", "--pids-limit", "20", "busybox", "sh", "-c", bomb);
  const pid = await pidOf(box, "bomb");
  await until("forks have failed", () => {
    return Number(groupFile(pid, "pids", { v1: "pids.events", v2: "pids.events" }).replace("max ", "")) > 0;
  });
  const count = Deno.readTextFileSync(`${groupFolder(pid, "pids")}/cgroup.procs`).trim().split("\n").length;
  assert.ok(count <= 20, `${count} processes`);
  await box.ok("rm", "-f", "bomb");
});

test("stats agrees with the kernel's files", async (box) => {
  const script =
    "dd if=/dev/zero of=/big/file bs=1M count=40 2>/dev/null; sleep 1000 & sleep 1000 & echo ready; cat; :";
  const flags = ["-m", "100m", "--pids-limit", "50", "--tmpfs", "/big"];
  await box.ok("run", "-d", "-i", "--name", "measured", ...flags, "busybox", "sh", "-c", script);
  await until("the file is written", async () => (await box.ok("logs", "measured")) === "ready");
  const pid = await pidOf(box, "measured");
  const stats = JSON.parse(await box.ok("stats", "--no-stream", "--format", "{{json .}}", "measured"));
  const memory = Number(groupFile(pid, "memory", { v1: "memory.usage_in_bytes", v2: "memory.current" }));
  const [, used = "", limit] = /^([\d.]+)MiB \/ (\S+)$/.exec(stats.MemUsage) ?? [];
  assert.equal(limit, "100MiB", stats.MemUsage);
  assert.ok(Math.abs(Number(used) - memory / MiB) < 3, `${used} MiB, the kernel says ${memory / MiB}`);
  assert.ok(Number(used) >= 40);
  assert.equal(stats.PIDs, groupFile(pid, "pids", { v1: "pids.current", v2: "pids.current" }));
  assert.equal(stats.PIDs, "4");
  await box.ok("rm", "-f", "measured");
});

test("pause freezes all processes, unpause lets them go on", async (box) => {
  const busy = "while :; do :; done";
  await box.ok("run", "-d", "--name", "frozen", "--cpus", "0.2", "busybox", "sh", "-c", `(${busy}) & ${busy}`);
  const pid = await pidOf(box, "frozen");
  await box.ok("pause", "frozen");
  assert.equal(await box.inspect("frozen", "{{.State.Status}} {{.State.Paused}}"), "paused true");
  const used = processorTime(pid);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(processorTime(pid), used);
  await box.ok("unpause", "frozen");
  await until("it goes on", () => processorTime(pid) > used);
  await box.ok("rm", "-f", "frozen");
});

test("a paused container can be killed, and removed by force", async (box) => {
  for (const name of ["frozen-1", "frozen-2"]) {
    await startSleeper(box, name);
    await box.ok("pause", name);
  }
  await box.ok("kill", "frozen-1");
  assert.equal(await box.inspect("frozen-1", "{{.State.Status}} {{.State.ExitCode}}"), "exited 137");
  await box.ok("rm", "-f", "frozen-1", "frozen-2");
});

test("update changes memory, processors and pids of a running container", async (box) => {
  await startSleeper(box, "changed", "-m", "64m", "--memory-swap", "64m", "--cpus", "1", "--pids-limit", "100");
  const pid = await pidOf(box, "changed");
  const limits = () => [
    Number(groupFile(pid, "memory", { v1: "memory.limit_in_bytes", v2: "memory.max" })) / MiB,
    groupFile(pid, "pids", { v1: "pids.max", v2: "pids.max" }),
    Number.parseInt(groupFile(pid, "cpu", { v1: "cpu.cfs_quota_us", v2: "cpu.max" })),
    groupFile(pid, "cpuset", { v1: "cpuset.effective_cpus", v2: "cpuset.cpus.effective" }),
  ];
  const all = Deno.readTextFileSync("/sys/devices/system/cpu/online").trim();
  assert.deepEqual(limits(), [64, "100", 100_000, all]);
  const up = ["-m", "128m", "--memory-swap", "256m", "--cpus", "0.25", "--pids-limit", "30", "--cpuset-cpus", "0"];
  await box.ok("update", ...up, "changed");
  assert.deepEqual(limits(), [128, "30", 25_000, "0"]);
  await box.ok("update", "-m", "32m", "--memory-swap", "32m", "changed");
  assert.deepEqual(limits(), [32, "30", 25_000, "0"]);
  assert.equal(
    await box.inspect("changed", "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}"),
    `${32 * MiB} 250000000`,
  );
  await box.ok("restart", "-t", "0", "changed");
  const again = await pidOf(box, "changed");
  assert.equal(Number(groupFile(again, "memory", { v1: "memory.limit_in_bytes", v2: "memory.max" })), 32 * MiB);
  await box.ok("rm", "-f", "changed");
});

test("exec is under the limits of its container", async (box) => {
  await startSleeper(box, "limited", "-m", "32m", "--memory-swap", "32m");
  const { code } = await box.sauropod(["exec", "limited", ...greedy]);
  assert.equal(code, 137);
  assert.equal(await box.inspect("limited", "{{.State.Status}}"), "running");
  await box.ok("rm", "-f", "limited");
});

test("--cgroup-parent puts the group below another, and cannot lead out of the hierarchy", async (box) => {
  for (const parent of ["/sauropod/test-parent", "../../sauropod/test-parent"]) {
    await startSleeper(box, "placed", "--cgroup-parent", parent);
    const id = await box.inspect("placed", "{{.Id}}");
    const pid = await pidOf(box, "placed");
    for (const controller of ["memory", "pids", "cpu"]) {
      assert.match(groupFolder(pid, controller), new RegExp(`/sauropod/test-parent/${id}$`));
    }
    await box.ok("rm", "-f", "placed");
  }
  for (const controller of ["memory", "pids", "cpu", "freezer", "devices", "blkio", "cpuset", "cpuacct"]) {
    await Deno.remove(`/sys/fs/cgroup/${controller}/sauropod/test-parent`).catch(() => {});
  }
  await Deno.remove("/sys/fs/cgroup/sauropod/test-parent").catch(() => {});
});

const disk = firstDisk();

test("--device-read-bps is in force for the device's number", async (box) => {
  await startSleeper(box, "slow", "--device-read-bps", `${disk?.path}:1mb`);
  const rules = groupFile(await pidOf(box, "slow"), "blkio", { v1: "blkio.throttle.read_bps_device", v2: "io.max" });
  assert.match(rules, new RegExp(`^${disk?.number} (rbps=)?${MiB}\\b`, "m"));
  await box.ok("rm", "-f", "slow");
}, { unless: disk === undefined ? "needs a block device with a node in /dev" : undefined });

function firstDisk(): { path: string; number: string } | undefined {
  try {
    for (const { name } of Deno.readDirSync("/sys/block")) {
      try {
        Deno.statSync(`/dev/${name}`);
        return { path: `/dev/${name}`, number: Deno.readTextFileSync(`/sys/block/${name}/dev`).trim() };
      } catch {
        continue; // no node
      }
    }
  } catch {
    // no /sys/block
  }
  return undefined;
}
