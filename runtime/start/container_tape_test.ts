import assert from "node:assert/strict";
import { Fd } from "../../sys/fd.ts";
import { capabilitySets } from "../capabilities.ts";
import type { ContainerSpec, Stdio } from "../container_spec.ts";
import { KEEPER_FD } from "../keeper_layout.ts";
import { MASKED_PATHS, READ_ONLY_PATHS } from "../masked_paths.ts";
import { toElf } from "../tape/elf.ts";
import { listing } from "../tape/listing.ts";
import { containerTape } from "./container_tape.ts";
import { execTape } from "./exec_tape.ts";
import { machineOf } from "./machine.ts";

/** Numbers that stand for open files; no tape opens or closes what is handed over. */
const fd = (number: number) => new Fd(number);
const pipes: Stdio = {
  terminal: false,
  engine: { stdout: fd(50), stderr: fd(51) },
  process: { stdin: fd(52), stdout: fd(53), stderr: fd(54) },
};

const process: ContainerSpec["process"] = {
  args: ["true"],
  env: ["PATH=/usr/bin:/bin"],
  cwd: "/srv/dir",
  user: { uid: 1000, gid: 1000, groups: [1000] },
  terminal: false,
  capabilities: capabilitySets(0n, 1000),
  noNewPrivileges: false,
  seccomp: new Uint8Array(16),
  rlimits: [{ resource: 7, soft: 1n, hard: 2n }],
  oomScoreAdj: 1,
};

const spec: ContainerSpec = {
  id: "c",
  root: { layersFolder: "/l", lowers: ["1", "2"], upper: "../u", work: "../w", merged: "../m", readonly: true },
  namespaces: { pid: "new", net: fd(60), ipc: "host", uts: "new", cgroup: "new" },
  hostname: "box",
  domainname: "example.org",
  cgroup: { tasks: [fd(61), fd(62)] },
  cgroupMounts: [{ type: "cgroup2", source: "cgroup", target: "", data: "" }],
  mounts: [
    { kind: "bind", source: "/host/secret", target: "/a/b", directory: true, readonly: true, recursive: true },
    { kind: "tmpfs", target: "/t", flags: 0, data: "" },
  ],
  devices: [{ source: "/dev/fuse", target: "/dev/fuse" }],
  privileged: false,
  maskedPaths: MASKED_PATHS.map(({ path }) => path),
  readonlyPaths: READ_ONLY_PATHS.map(({ path }) => path),
  shm: { size: 1024 },
  sysctls: { "net/ipv4/ip_forward": "1" },
  init: true,
  process,
};

const machine = machineOf("x86_64", "6.1.0-18-amd64", 40);

Deno.test("containerTape() is a function: the same container gives the same bytes", () => {
  const [one, two] = [containerTape(spec, pipes, machine), containerTape(spec, pipes, machine)];
  assert.deepEqual(toElf(one.tape), toElf(two.tape));
  assert.deepEqual(one.descriptors, two.descriptors);
});

Deno.test("descriptors get numbers from the first of the process on, whatever they are in the engine", () => {
  const { descriptors } = containerTape(spec, pipes, machine);
  const first = KEEPER_FD.first_of_process;
  assert.deepEqual(descriptors.map(({ target }) => target), [0, 1, 2, 3, 4, 5].map((i) => first + i));
  assert.deepEqual(descriptors.map(({ fd }) => fd.number), [52, 53, 54, 61, 62, 60]);
});

for (const arch of ["x86_64", "aarch64"] as const) {
  for (const release of ["5.10.0", "6.18.44"]) {
    Deno.test(`a tape with everything on it can be written for ${arch}, Linux ${release}`, () => {
      const other = machineOf(arch, release, 40);
      toElf(containerTape(spec, pipes, other).tape);
      toElf(execTape({ target: fd(70), cgroup: { tasks: [] }, process }, pipes, other).tape);
    });
  }
}

Deno.test("Linux 5.10 gets no call and no flag that it does not know", () => {
  const { entries } = listing(containerTape(spec, pipes, machineOf("x86_64", "5.10.0-28-amd64", 40)).tape);
  assert.equal(entries.some(({ call }) => call === "mount_setattr"), false);
  assert.equal(entries.some(({ args }) => args.includes("CLOSE_RANGE_CLOEXEC")), false);
});

Deno.test("the host's paths are used before pivot_root only", () => {
  const { entries } = listing(containerTape(spec, pipes, machine).tape);
  const pivot = entries.findIndex(({ call }) => call === "pivot_root");
  const after = entries.slice(pivot + 1).flatMap(({ args }) => args).join(" ");
  assert.doesNotMatch(after, /"\/host\/secret"|"\/l"/);
  assert.match(entries.slice(0, pivot).flatMap(({ args }) => args).join(" "), /"\/host\/secret"/);
});

Deno.test("where there is a group of v2 the process is cloned into it, and writes itself nowhere", () => {
  const cgroup = { tasks: [], group: fd(63) };
  for (
    const { tape } of [
      containerTape({ ...spec, cgroup }, pipes, machine),
      execTape({ target: fd(70), cgroup, process }, pipes),
    ]
  ) {
    const { entries } = listing(tape);
    const clone = entries.find(({ call }) => call === "clone3");
    const number = KEEPER_FD.first_of_process + 3;
    assert.match(clone?.args.join() ?? "", new RegExp(`CLONE_INTO_CGROUP, .*exit_signal=SIGCHLD, cgroup=${number} `));
    assert.equal(entries.some(({ call, args }) => call === "write" && args.includes('"0"')), false);
  }
});

Deno.test("every step says what it does and why", () => {
  const tapes = [
    containerTape(spec, pipes, machine),
    execTape({ target: fd(70), cgroup: { tasks: [] }, process }, pipes),
  ];
  for (const { label, reason, call } of tapes.flatMap(({ tape }) => listing(tape).entries)) {
    assert.ok(label.length > 3, call);
    assert.ok(reason.length > 3, label);
  }
});

Deno.test("the rights go in the order in which each step is still allowed", () => {
  const { entries } = listing(containerTape(spec, pipes, machine).tape);
  const at = (call: string, arg = "") => entries.findIndex((e) => e.call === call && e.args.join().includes(arg));
  const order = [
    at("prctl", "CAPBSET_DROP"),
    at("setgroups"),
    at("setresgid"),
    at("setresuid"),
    at("capset"),
    at("close_range", "CLOEXEC"),
    at("seccomp"),
    at("execve"),
  ];
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
  assert.equal(order.includes(-1), false);
});

Deno.test("a layer list that does not fit into one mount is refused before anything is started", () => {
  const root = { ...spec.root, lowers: Array.from({ length: 1000 }, (_, i) => String(1000 + i)) };
  assert.throws(() => containerTape({ ...spec, root }, pipes, machine), {
    class: "invalid",
    message: /too many layers/,
  });
});
