/** Capabilities as the kernel shows them in /proc/self/status. */
import assert from "node:assert/strict";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { type Sandbox } from "../support/sandbox.ts";
import { startSleeper } from "../support/containers.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

/** Docker's 14: chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write setfcap. */
const DEFAULT = "00000000a80425fb";
const NONE = "0000000000000000";
/** All that this process, and so an engine that it starts, can give. */
const ALL = /^CapBnd:\s+(\S+)$/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? "";
const without = (mask: string, bit: bigint) => (BigInt(`0x${mask}`) & ~(1n << bit)).toString(16).padStart(16, "0");
const withBit = (mask: string, bit: bigint) => (BigInt(`0x${mask}`) | (1n << bit)).toString(16).padStart(16, "0");
const CHOWN = 0n, NET_ADMIN = 12n, SYS_ADMIN = 21n;

interface Sets {
  readonly inheritable: string;
  readonly permitted: string;
  readonly effective: string;
  readonly bounding: string;
  readonly ambient: string;
}

const STATUS = ["grep", "^Cap", "/proc/self/status"];

function setsOf(status: string): Sets {
  const set = (name: string) => new RegExp(`^Cap${name}:\\s+(\\S+)$`, "m").exec(status)?.[1] ?? "";
  return {
    inheritable: set("Inh"),
    permitted: set("Prm"),
    effective: set("Eff"),
    bounding: set("Bnd"),
    ambient: set("Amb"),
  };
}

async function setsIn(box: Sandbox, ...flags: string[]): Promise<Sets> {
  return setsOf(await box.ok("run", "--rm", ...flags, "busybox", ...STATUS));
}

const held = (mask: string): Sets => {
  return { inheritable: NONE, permitted: mask, effective: mask, bounding: mask, ambient: NONE };
};
const bounded = (mask: string): Sets => ({ ...held(NONE), bounding: mask });

const cases: readonly { flags: string[]; sets: Sets }[] = [
  { flags: [], sets: held(DEFAULT) },
  { flags: ["-u", "1000"], sets: bounded(DEFAULT) },
  { flags: ["-u", "operator"], sets: bounded(DEFAULT) },
  { flags: ["--init"], sets: held(DEFAULT) },
  { flags: ["--security-opt", "no-new-privileges"], sets: held(DEFAULT) },
  { flags: ["--security-opt", "seccomp=unconfined"], sets: held(DEFAULT) },
  { flags: ["--security-opt", "seccomp=unconfined", "-u", "1"], sets: bounded(DEFAULT) },
  { flags: ["--cap-drop", "ALL"], sets: held(NONE) },
  { flags: ["--cap-drop", "CHOWN"], sets: held(without(DEFAULT, CHOWN)) },
  { flags: ["--cap-drop", "cap_chown", "-u", "1"], sets: bounded(without(DEFAULT, CHOWN)) },
  { flags: ["--cap-add", "NET_ADMIN"], sets: held(withBit(DEFAULT, NET_ADMIN)) },
  { flags: ["--cap-add", "SYS_ADMIN", "-u", "1"], sets: bounded(withBit(DEFAULT, SYS_ADMIN)) },
  { flags: ["--cap-drop", "ALL", "--cap-add", "CHOWN"], sets: held("0000000000000001") },
  { flags: ["--cap-add", "ALL"], sets: held(ALL) },
  { flags: ["--cap-add", "ALL", "--cap-drop", "SYS_ADMIN"], sets: held(without(ALL, SYS_ADMIN)) },
  { flags: ["--privileged"], sets: held(ALL) },
  { flags: ["--privileged", "-u", "1"], sets: bounded(ALL) },
];

for (const { flags, sets } of cases) {
  test(`capabilities with ${flags.join(" ") || "no flags"}`, async (box) => {
    assert.deepEqual(await setsIn(box, ...flags), sets);
  });
}

test("exec has the capabilities of its container, all with --privileged, none as a user", async (box) => {
  await startSleeper(box, "target", "--cap-drop", "CHOWN");
  const exec = async (...flags: string[]) => setsOf(await box.ok("exec", ...flags, "target", ...STATUS));
  assert.deepEqual(await exec(), held(without(DEFAULT, CHOWN)));
  assert.deepEqual(await exec("-u", "1"), bounded(without(DEFAULT, CHOWN)));
  assert.deepEqual(await exec("--privileged"), held(ALL));
  await box.ok("rm", "-f", "target");
});

test("a container that runs as a user gives its exec no more than that, root by -u what is usual", async (box) => {
  await startSleeper(box, "as-user", "-u", "1000");
  assert.deepEqual(setsOf(await box.ok("exec", "as-user", ...STATUS)), bounded(DEFAULT));
  assert.deepEqual(setsOf(await box.ok("exec", "-u", "0", "as-user", ...STATUS)), held(DEFAULT));
  await box.ok("rm", "-f", "as-user");
});

test("PID 1 of --init has no more than the command", async (box) => {
  await startSleeper(box, "with-init", "--init", "-u", "1000");
  const pid = await box.inspect("with-init", "{{.State.Pid}}");
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  assert.deepEqual(setsOf(status), bounded(DEFAULT));
  assert.match(status, /^Seccomp:\s+2$/m);
  assert.match(status, /^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
  await box.ok("rm", "-f", "with-init");
});

test("what is dropped cannot be used", async (box) => {
  const tries: readonly (readonly [drop: string, script: string])[] = [
    ["CHOWN", "touch /f && chown 1 /f"],
    ["MKNOD", "mknod /n c 1 3"],
    ["SYS_CHROOT", "chroot / true"],
    ["SETUID", "su operator -s /bin/sh -c true"],
  ];
  for (const [drop, script] of tries) {
    assert.equal((await box.sauropod(["run", "--rm", "busybox", "sh", "-c", script])).code, 0, `${script} as usual`);
    const { code, stderr } = await box.sauropod(["run", "--rm", "--cap-drop", drop, "busybox", "sh", "-c", script]);
    assert.notEqual(code, 0, script);
    assert.match(stderr, /not permitted|can't set/, script);
  }
});

test("an unknown capability is refused in docker's words", async (box) => {
  const { code, stderr } = await box.sauropod(["run", "--rm", "--cap-add", "FLY", "busybox", "true"]);
  assert.equal(code, 125);
  assert.match(stderr, /invalid CapAdd: unknown capability: "CAP_FLY"/);
});
