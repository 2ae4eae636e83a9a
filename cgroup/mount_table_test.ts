import assert from "node:assert/strict";
import { EngineError } from "../base/errors.ts";
import { parseMountTable } from "./mount_table.ts";

const root = "/sys/fs/cgroup";
const tmpfs = "tmpfs /sys/fs/cgroup tmpfs ro,nosuid,nodev,noexec,mode=755 0 0\n";
const v1 = (name: string, options: string) => `cgroup ${root}/${name} cgroup rw,nosuid,relatime,${options} 0 0\n`;
const v2 = (folder: string) => `cgroup2 ${folder} cgroup2 rw,nosuid,nsdelegate,memory_recursiveprot 0 0\n`;

const memory = { folder: `${root}/memory`, controllers: ["memory"] };
const systemd = { folder: `${root}/systemd`, controllers: ["name=systemd"] };
const rows = [
  { name: "v2 alone", mounts: v2(root), layout: { version: 2, folder: root } },
  { name: "v1", mounts: tmpfs + v1("memory", "memory"), layout: { version: 1, hierarchies: [memory] } },
  {
    name: "hybrid as v1, without its v2 tree",
    mounts: tmpfs + v2(`${root}/unified`) + v1("memory", "memory") + v1("systemd", "xattr,name=systemd"),
    layout: { version: 1, hierarchies: [memory, systemd] },
  },
  {
    name: "controllers that share a hierarchy",
    mounts: v1("cpu,cpuacct", "cpu,cpuacct"),
    layout: { version: 1, hierarchies: [{ folder: `${root}/cpu,cpuacct`, controllers: ["cpu", "cpuacct"] }] },
  },
  {
    name: "a hierarchy that is mounted twice once",
    mounts: v1("memory", "memory") + v1("again", "memory"),
    layout: { version: 1, hierarchies: [memory] },
  },
  {
    name: "v1 with nothing but systemd's as v2",
    mounts: v1("systemd", "name=systemd") + v2(`${root}/unified`),
    layout: { version: 2, folder: `${root}/unified` },
  },
  {
    name: "only what lies below the root",
    mounts: "cgroup /elsewhere/memory cgroup rw,memory 0 0\n" + v2(root),
    layout: { version: 2, folder: root },
  },
];
for (const { name, mounts, layout } of rows) {
  Deno.test(`parseMountTable() reads ${name}`, () => assert.deepEqual(parseMountTable(mounts, root), layout));
}

Deno.test("parseMountTable() undoes the octal escapes of a mount point", () => {
  const mounts = "cgroup2 /my\\040groups cgroup2 rw 0 0\n";
  assert.deepEqual(parseMountTable(mounts, "/my groups"), { version: 2, folder: "/my groups" });
});

Deno.test("parseMountTable() says in one sentence that there are no cgroups", () => {
  assert.throws(
    () => parseMountTable("proc /proc proc rw 0 0\n", root),
    (error) => error instanceof EngineError && error.class === "unavailable" && /none are mounted/.test(error.message),
  );
});
