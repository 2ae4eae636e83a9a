/** What a container shares: namespaces of others, shared memory, control groups. */
import assert from "node:assert/strict";
import { O, open } from "../../sys/open.ts";
import { requires } from "../support/requires.ts";
import { linesOf, Place, plainSpec, runContainer, Running } from "../support/started.ts";
import { processStat } from "../../runtime/process_table.ts";
import { until } from "../support/sandbox.ts";

const needs = requires({ root: true, command: "busybox", kernel: "5.12" });
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ...needs, fn });

const KINDS = ["pid", "net", "ipc", "uts", "cgroup"] as const;
const linkOf = (pid: number | string, kind: string) => Deno.readLinkSync(`/proc/${pid}/ns/${kind}`);

test("namespaces that are the host's stay the host's", async () => {
  const script = "for n in pid net ipc uts cgroup; do readlink /proc/self/ns/$n; done";
  const host = Object.fromEntries(KINDS.map((kind) => [kind, "host"])) as Record<typeof KINDS[number], "host">;
  assert.deepEqual(await linesOf(script, { namespaces: host }), KINDS.map((kind) => linkOf("self", kind)));
});

test("namespaces of another container are joined, its PID namespace included", async () => {
  using place = new Place(), other = new Place();
  await using first = await Running.start(await plainSpec(place, { process: { args: ["cat"] } }), place, {
    stdin: true,
  });
  const { pid } = first.started;
  const namespaces = Object.fromEntries(KINDS.map((kind) => [kind, open(`/proc/${pid}/ns/${kind}`, O.RDONLY)]));
  try {
    const script =
      "for n in pid net ipc uts cgroup; do readlink /proc/self/ns/$n; done; ps -o comm | head -2 | tail -1";
    const spec = await plainSpec(other, { namespaces: namespaces as never, process: { args: ["sh", "-c", script] } });
    await using second = await Running.start(spec, other);
    const { stdout, stderr } = await second.end();
    assert.deepEqual(stdout.split("\n"), [...KINDS.map((kind) => linkOf(pid, kind)), "cat", ""], stderr);
  } finally {
    for (const fd of Object.values(namespaces)) fd.close();
  }
});

test("/dev/shm of another place is bound instead of an own one", async () => {
  using source = new Place();
  const { exitCode } = await runContainer({ shm: { bind: source.folder }, process: { args: ["touch", "/dev/shm/x"] } });
  assert.equal(exitCode, 0);
  assert.ok(Deno.statSync(`${source.folder}/x`).isFile);
});

Deno.test({
  name: "hierarchies of cgroup v1 are mounted read-only, with the container's groups as their root",
  ...requires({ root: true, command: "busybox", cgroup: "v1" }),
  async fn() {
    const lines = await linesOf(
      "cat /sys/fs/cgroup/mem/cgroup.procs | head -1; readlink /sys/fs/cgroup/memory; " +
        "mkdir /sys/fs/cgroup/mem/x 2>&1; mkdir /sys/fs/cgroup/x 2>&1; grep ' cgroup ' /proc/self/mountinfo | cut -d' ' -f4",
      {
        cgroupMounts: [
          { type: "tmpfs", source: "tmpfs", target: "", data: "mode=755" },
          { type: "cgroup", source: "cgroup", target: "mem", data: "memory" },
          { type: "symlink", source: "mem", target: "memory", data: "" },
        ],
      },
    ).catch((error: Error) => error.message.split("\n"));
    const text = lines.join("\n");
    assert.match(text, /^mem$/m);
    assert.equal(text.match(/Read-only file system/g)?.length, 2, text);
    assert.match(text, /^\/$/m);
  },
});

test("a start that fails leaves no process, no mount and no record", async () => {
  using place = new Place();
  const before = Deno.readTextFileSync("/proc/self/mountinfo");
  const childrenBefore = children();
  const spec = await plainSpec(place, { process: { args: ["/no/such"] } });
  await assert.rejects(Running.start(spec, place));
  assert.equal(Deno.readTextFileSync("/proc/self/mountinfo"), before);
  assert.deepEqual(
    [...Deno.readDirSync(place.folder)].map(({ name }) => name).filter((n) => n.startsWith("record")),
    [],
  );
  // What has been killed is reaped a moment later.
  await until("no child is left", () => children().every((pid) => childrenBefore.includes(pid)));
});

/** Process ids of this process's children, zombies included. */
function children(): string[] {
  return Array.from(Deno.readDirSync("/proc"), ({ name }) => name).filter((name) => {
    return /^\d+$/.test(name) && processStat(Number(name))?.parent === Deno.pid;
  });
}
