import assert from "node:assert/strict";
import { unfit } from "./engine_process.ts";

const good = { uid: 0, kernel: "6.1.0-18-amd64", mounts: "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n" };

Deno.test("unfit() has nothing against root on a kernel from 5.10 with cgroups", () => {
  assert.equal(unfit(good), undefined);
  assert.equal(unfit({ ...good, kernel: "5.10.0" }), undefined);
  assert.equal(unfit({ ...good, mounts: "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n" }), undefined);
});

Deno.test("unfit() says in one line what is missing", () => {
  assert.match(unfit({ ...good, uid: 1000 }) ?? "", /root/);
  assert.match(unfit({ ...good, kernel: "5.9.16" }) ?? "", /needs Linux 5\.10 or newer, this is 5\.9\.16/);
  assert.match(unfit({ ...good, kernel: "4.19.0-26" }) ?? "", /5\.10/);
  assert.match(unfit({ ...good, mounts: "proc /proc proc rw 0 0\n" }) ?? "", /cgroups/);
});
