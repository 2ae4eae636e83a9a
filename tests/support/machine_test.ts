import assert from "node:assert/strict";
import { cgroupMode, kernelAtLeast } from "./machine.ts";
import { requires, unmet } from "./requires.ts";

const kernels = [
  { release: "6.1.0-18-amd64", minimum: "5.10", enough: true },
  { release: "5.10.0", minimum: "5.10", enough: true },
  { release: "5.9.16", minimum: "5.10", enough: false },
  { release: "4.19.0-26", minimum: "5.10", enough: false },
  { release: "6.18.44-fc-v509", minimum: "6.2", enough: true },
];
for (const { release, minimum, enough } of kernels) {
  Deno.test(`kernelAtLeast() finds ${release} ${enough ? "new enough" : "too old"} for ${minimum}`, () => {
    assert.equal(kernelAtLeast(release, minimum), enough);
  });
}

const v1 = "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n";
const v2Beside = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
const modes = [
  { mounts: "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n" + v1, mode: "v1" },
  { mounts: v1 + v2Beside, mode: "hybrid" },
  { mounts: "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n", mode: "v2" },
  { mounts: "proc /proc proc rw 0 0\n", mode: "none" },
];
for (const { mounts, mode } of modes) {
  Deno.test(`cgroupMode() reads ${mode} off a mount table`, () => assert.equal(cgroupMode(mounts), mode));
}

Deno.test("unmet() names what is missing", () => {
  assert.equal(unmet({ kernel: "99.0" }), `needs Linux 99.0, this is ${Deno.osRelease()}`);
  assert.equal(unmet({ command: ["sh", "no-such-command"] }), "needs the command no-such-command");
  assert.equal(unmet({ path: "/no/such/path" }), "needs /no/such/path");
  assert.equal(unmet({ unless: "it is Tuesday" }), "it is Tuesday");
  assert.equal(unmet({ command: "sh", kernel: "3.0" }), undefined);
});

Deno.test("requires() lets a test run whose needs are met", () => {
  assert.deepEqual(requires({ kernel: "3.0" }), { ignore: false });
});
