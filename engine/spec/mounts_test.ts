import assert from "node:assert/strict";
import { MS } from "../../sys/mount_flags.ts";
import { userMounts } from "./mounts.ts";

Deno.test("userMounts() reads --tmpfs with Docker's default flags, and what the user changes", () => {
  const [mount] = userMounts({ Binds: null, Tmpfs: { "/run": "exec,size=1m,mode=1777" } });
  assert.deepEqual(mount?.spec, {
    kind: "tmpfs",
    target: "/run",
    flags: MS.NOSUID | MS.NODEV,
    data: "size=1048576,mode=1777",
  });
});

Deno.test("userMounts() reads a bind, read-only, and shows it as inspect does", () => {
  const [mount] = userMounts({ Binds: ["/etc:/mnt/etc/:ro"] });
  assert.deepEqual(mount?.point, {
    Type: "bind",
    Source: "/etc",
    Destination: "/mnt/etc",
    Mode: "ro",
    RW: false,
    Propagation: "rprivate",
  });
  assert.equal(mount?.spec.kind === "bind" && mount.spec.readonly && mount.spec.directory, true);
});

Deno.test("userMounts() puts a mount that lies in another after it", () => {
  const mounts = userMounts({ Binds: ["/etc:/a/b/c", "/usr:/a"], Tmpfs: { "/a/b": "" } });
  assert.deepEqual(mounts.map(({ spec }) => spec.target), ["/a", "/a/b", "/a/b/c"]);
});

const refused = [
  { name: "a root", binds: ["/etc:/"], says: /destination can't be '\/'/ },
  { name: "a target in /proc", binds: ["/etc:/proc/sys"], says: /nothing can be mounted in \/proc/ },
  { name: "a target in /proc by a detour", binds: ["/etc://./proc"], says: /nothing can be mounted in \/proc/ },
  { name: "a target with ..", binds: ["/etc:/a/../../etc"], says: /must not have '\.\.'/ },
  { name: "a relative target", binds: ["/etc:etc"], says: /'etc' mount path must be absolute/ },
  { name: "an unknown mode", binds: ["/etc:/a:rx"], says: /invalid mode: rx/ },
  { name: "one target twice", binds: ["/etc:/a", "/usr:/a/"], says: /Duplicate mount point: \/a/ },
  { name: "a named volume, for now", binds: ["data:/a"], says: /volumes are not served yet: 'data:\/a'/ },
];
for (const { name, binds, says } of refused) {
  Deno.test(`userMounts() refuses ${name}`, () => assert.throws(() => userMounts({ Binds: binds }), says));
}
