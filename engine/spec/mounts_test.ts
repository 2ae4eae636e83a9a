import assert from "node:assert/strict";
import type { MountRequest } from "../../base/docker/host_config.ts";
import { MS } from "../../sys/mount_flags.ts";
import type { MountPlan } from "../mount_plan.ts";
import { mountPoint } from "./mount_specs.ts";
import { plannedMounts, requestedMounts } from "./mounts.ts";

const bind = (text: string) => requestedMounts({ Binds: [text] })[0];
const mount = (request: Partial<MountRequest>) =>
  requestedMounts({ Mounts: [{ Type: "volume", Target: "/t", ...request }] })[0];

Deno.test("requestedMounts() reads --tmpfs with Docker's default flags, and what the user changes", () => {
  assert.deepEqual(requestedMounts({ Tmpfs: { "/run": "exec,size=1m,mode=1777" } }), [
    { kind: "tmpfs", target: "/run", flags: MS.NOSUID | MS.NODEV, data: "size=1048576,mode=1777" },
  ]);
});

Deno.test("requestedMounts() reads a bind, and mountPoint() shows it as inspect does", () => {
  const plan = bind("/etc:/mnt/etc/:ro,rslave,z");
  assert.deepEqual(plan, {
    kind: "bind",
    source: "/etc",
    target: "/mnt/etc",
    readonly: true,
    recursive: true,
    mode: "ro,rslave,z",
    makeMissing: true,
    propagation: "rslave",
  });
  assert.deepEqual(mountPoint("/root", plan as MountPlan), {
    Type: "bind",
    Source: "/etc",
    Destination: "/mnt/etc",
    Mode: "ro,rslave,z",
    RW: false,
    Propagation: "rslave",
  });
});

Deno.test("requestedMounts() reads a named volume, and mountPoint() says where its files are", () => {
  const plan = bind("data:/srv:nocopy");
  assert.deepEqual(plan, {
    kind: "volume",
    name: "data",
    anonymous: false,
    target: "/srv",
    readonly: false,
    mode: "nocopy",
    copy: false,
  });
  assert.deepEqual(mountPoint("/root", plan as MountPlan), {
    Type: "volume",
    Name: "data",
    Source: "/root/volumes/data/_data",
    Destination: "/srv",
    Driver: "local",
    Mode: "nocopy",
    RW: true,
    Propagation: "",
  });
});

Deno.test("requestedMounts() reads --mount of every type", () => {
  const options = { NoCopy: true, Subpath: "a/b", Labels: { a: "b" }, DriverConfig: { Options: { type: "tmpfs" } } };
  assert.deepEqual(mount({ Source: "v1", ReadOnly: true, VolumeOptions: options }), {
    kind: "volume",
    name: "v1",
    anonymous: false,
    target: "/t",
    readonly: true,
    mode: "",
    copy: false,
    subpath: "a/b",
    labels: { a: "b" },
    options: { type: "tmpfs" },
  });
  const recursion = { ReadOnlyNonRecursive: true, NonRecursive: true, CreateMountpoint: true };
  assert.deepEqual(mount({ Type: "bind", Source: "/s", ReadOnly: true, BindOptions: recursion }), {
    kind: "bind",
    source: "/s",
    target: "/t",
    readonly: true,
    recursive: false,
    mode: "",
    makeMissing: true,
    writableBelow: true,
  });
  assert.deepEqual(mount({ Type: "image", Source: "busybox", ImageOptions: { Subpath: "bin" } }), {
    kind: "image",
    image: "busybox",
    target: "/t",
    subpath: "bin",
  });
  const tmpfs = mount({ Type: "tmpfs", TmpfsOptions: { SizeBytes: 4096, Mode: 0o700 } });
  assert.equal(tmpfs?.kind === "tmpfs" && tmpfs.data, "size=4096,mode=700");
});

Deno.test("plannedMounts(): what is asked for covers what is inherited, an image's volume covers nothing", () => {
  const [inherited] = requestedMounts({ Binds: ["old:/a"] });
  const mounts = plannedMounts(
    { Binds: ["/usr:/a/b/c", "new:/a"], Tmpfs: { "/a/b": "" } },
    { Volumes: { "/a": {}, "/a/b/": {}, "/own": {} } },
    inherited === undefined ? [] : [inherited, { ...inherited, target: "/kept" }],
  );
  assert.deepEqual(mounts.map((plan) => [plan.target, plan.kind === "volume" ? plan.name : plan.kind]), [
    ["/a", "new"],
    ["/kept", "old"],
    ["/own", ""],
    ["/a/b", "tmpfs"],
    ["/a/b/c", "bind"],
  ]);
});

const refused = [
  { name: "a root", binds: ["/etc:/"], says: /destination can't be '\/'/ },
  { name: "a target in /proc", binds: ["/etc:/proc/sys"], says: /nothing can be mounted in \/proc/ },
  { name: "a target in /proc by a detour", binds: ["/etc://./proc"], says: /nothing can be mounted in \/proc/ },
  { name: "a target with ..", binds: ["/etc:/a/../../etc"], says: /must not have '\.\.'/ },
  { name: "a relative target", binds: ["/etc:etc"], says: /'etc' mount path must be absolute/ },
  { name: "an unknown mode", binds: ["/etc:/a:rx"], says: /invalid mode: rx/ },
  { name: "two modes that exclude each other", binds: ["/etc:/a:ro,rw"], says: /invalid mode: ro,rw/ },
  { name: "propagation of a volume", binds: ["data:/a:rshared"], says: /invalid mode: rshared/ },
  { name: "one target twice", binds: ["/etc:/a", "data:/a/"], says: /Duplicate mount point: \/a/ },
  { name: "a name that is none", binds: ["a b:/a"], says: /"a b" includes invalid characters for a local volume name/ },
  { name: "a name of one letter", binds: ["a:/a"], says: /volume name is too short/ },
];
for (const { name, binds, says } of refused) {
  Deno.test(`requestedMounts() refuses ${name}`, () => assert.throws(() => requestedMounts({ Binds: binds }), says));
}

const wrong: { name: string; request: Partial<MountRequest>; says: RegExp }[] = [
  { name: "no target", request: { Target: "" }, says: /type "volume": field Target must not be empty/ },
  { name: "a relative bind", request: { Type: "bind", Source: "x" }, says: /'x' mount path must be absolute/ },
  { name: "a bind of nothing", request: { Type: "bind" }, says: /type "bind": field Source must not be empty/ },
  { name: "a tmpfs of something", request: { Type: "tmpfs", Source: "x1" }, says: /Source must not be specified/ },
  { name: "options of another type", request: { BindOptions: {} }, says: /field BindOptions must not be specified/ },
  {
    name: "an anonymous one read-only",
    request: { ReadOnly: true },
    says: /must not set ReadOnly mode when using anon/,
  },
  { name: "an anonymous one's subpath", request: { VolumeOptions: { Subpath: "x" } }, says: /must not set Subpath/ },
  { name: "a subpath outside", request: { Source: "v1", VolumeOptions: { Subpath: "../x" } }, says: /relative path/ },
  { name: "another driver", request: { VolumeOptions: { DriverConfig: { Name: "x" } } }, says: /plugin "x" not found/ },
  { name: "Swarm's volumes", request: { Type: "cluster" }, says: /mounts of type cluster are not served/ },
];
for (const { name, request, says } of wrong) {
  Deno.test(`requestedMounts() refuses --mount with ${name}`, () => assert.throws(() => mount(request), says));
}
