import assert from "node:assert/strict";
import { version } from "../../base/version.ts";
import type { ResourceMachine } from "../../cgroup/machine.ts";
import { fileSystemOf, operatingSystem } from "./host.ts";
import { systemInfo } from "./info.ts";
import { container, CREATED, EXITED, RUNNING, SETTINGS } from "./report_test_support.ts";
import { systemVersion } from "./version.ts";

function parts(machine: Partial<ResourceMachine>) {
  const states = [RUNNING, RUNNING, { ...RUNNING, paused: true } as typeof RUNNING, EXITED, CREATED];
  const able = new Proxy(machine, { get: (given, key) => Reflect.get(given, key) ?? (key === "version" ? 2 : true) });
  return {
    settings: SETTINGS,
    containers: states.map((state, i) => container({ name: `c${i}`, state })),
    images: { list: () => Promise.resolve([1, 2]) },
    cgroups: { machine: () => able as ResourceMachine },
    events: { listeners: 3 },
  };
}

Deno.test("systemInfo() counts, names this engine and this machine, and keeps its id", async () => {
  const info = await systemInfo(parts({ version: 1, cpus: 2 }));
  const { Containers, ContainersRunning, ContainersPaused, ContainersStopped, Images } = info;
  assert.deepEqual([Containers, ContainersRunning, ContainersPaused, ContainersStopped, Images], [5, 2, 1, 2, 2]);
  assert.deepEqual([info.EnginePid, info.ServerVersion, info.CgroupVersion, info.NCPU], [Deno.pid, version, "1", 2]);
  assert.equal(info.MemTotal, Number(/MemTotal: +(\d+)/.exec(Deno.readTextFileSync("/proc/meminfo"))?.[1]) * 1024);
  assert.match(info.ID, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal((await systemInfo(parts({}))).ID, info.ID);
  assert.deepEqual(info.Warnings, []);
});

Deno.test("systemInfo() warns of limits that this machine cannot keep", async () => {
  const info = await systemInfo(parts({ version: 1, swap: false, oomKillDisable: false }));
  assert.deepEqual(info.Warnings, ["WARNING: No swap limit support", "WARNING: No oom kill disable support"]);
  assert.equal(info["SwapLimit"], false);
});

Deno.test("systemVersion() speaks API 1.24 to 1.47 and calls the engine Engine", () => {
  const { ApiVersion, MinAPIVersion, Version, Components, Os } = systemVersion();
  assert.deepEqual([ApiVersion, MinAPIVersion, Version, Os], ["1.47", "1.24", version, "linux"]);
  assert.deepEqual([Components[0]?.Name, Components[0]?.Version], ["Engine", version]);
});

Deno.test("operatingSystem() and fileSystemOf() read what the machine says of itself", async () => {
  const file = await Deno.makeTempFile();
  Deno.writeTextFileSync(file, 'NAME="Some"\nPRETTY_NAME="Some \\"Linux\\" 12 (x)"\nVERSION_ID=12\n');
  assert.deepEqual(operatingSystem(["/nonexistent", file]), { name: 'Some "Linux" 12 (x)', version: "12" });
  assert.deepEqual(operatingSystem(["/nonexistent"]), { name: "Linux", version: "" });
  Deno.removeSync(file);
  const mounts = "/dev/a / ext4 rw 0 0\nx /r tmpfs rw 0 0\ny /r xfs rw 0 0\nz /root btrfs rw 0 0\n";
  assert.equal(fileSystemOf("/r/containers", mounts), "xfs");
  assert.equal(fileSystemOf("/rx", mounts), "ext4");
});
