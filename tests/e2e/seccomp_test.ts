/** The seccomp filter from inside: a table of system calls, made by a small static program. */
import assert from "node:assert/strict";
import { attackImage, staticProgram } from "../support/attack_image.ts";
import { startSleeper } from "../support/containers.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "gcc"] });
const test = sandbox.test.bind(sandbox);

let image: Promise<string> | undefined;

function tries(box: Sandbox): Promise<string> {
  return image ??= attackImage(box, "tries", async (root) => {
    await Deno.copyFile(await staticProgram("system_calls"), `${root}/bin/tries`);
  });
}

type Answers = ReadonlyMap<string, string>;

function answersOf(text: string): Answers {
  return new Map(
    text.split("\n").map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

async function answers(box: Sandbox, ...flags: string[]): Promise<Answers> {
  return answersOf(await box.ok("run", "--rm", ...flags, await tries(box), "tries"));
}

/** Refused to a container as it is by default: docker's list. */
const REFUSED = [
  ..."mount umount2 pivot_root open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr".split(" "),
  ..."unshare(0) unshare(NEWNS) unshare(NEWUSER) setns".split(" "),
  ...["USER", "NS", "NET", "PID", "IPC", "UTS", "CGROUP"].map((kind) => `clone(NEW${kind})`),
  ..."keyctl add_key request_key bpf perf_event_open userfaultfd".split(" "),
  ..."io_uring_setup io_uring_enter io_uring_register open_by_handle_at".split(" "),
  ..."init_module finit_module delete_module kexec_load reboot swapon swapoff acct".split(" "),
  ..."settimeofday clock_settime quotactl syslog fanotify_init vhangup kcmp".split(" "),
  ..."mbind set_mempolicy move_pages migrate_pages".split(" "),
  ...Deno.build.arch === "x86_64" ? ["iopl", "ioperm", "uselib", "ustat", "sysfs", "x32 mount"] : [],
  "socket(VSOCK)",
  "socket(VSOCK + 2^32)",
  "socket(ALG)",
  "personality(ADDR_NO_RANDOMIZE)",
  "personality(READ_IMPLIES_EXEC)",
];

const ALLOWED = [
  ..."clone socket(INET) socket(NETLINK) socket(PACKET) ptrace chroot seccomp process_vm_readv".split(" "),
  ..."memfd_create getrandom pidfd_open personality(ask) personality(PER_LINUX) personality(UNAME26)".split(" "),
];

test("the default filter refuses what docker's does, and no more", async (box) => {
  const got = await answers(box);
  for (const name of REFUSED) assert.equal(got.get(name), "EPERM", name);
  for (const name of ALLOWED) assert.equal(got.get(name), "ok", name);
  assert.equal(got.get("clone3"), "ENOSYS");
  assert.equal(got.get("no such call"), "ENOSYS");
  assert.equal(got.get("name_to_handle_at"), "EFAULT");
  const known = new Set([...REFUSED, ...ALLOWED, "clone3", "no such call", "name_to_handle_at"]);
  assert.deepEqual([...got.keys()].filter((name) => !known.has(name)), []);
});

test("a user who is not root, an exec and PID 1 of --init have the same filter", async (box) => {
  const asRoot = await answers(box);
  const asUser = await answers(box, "-u", "1000");
  // What the filter lets through and the kernel refuses to a user.
  const differing = [...asRoot].filter(([name, answer]) => asUser.get(name) !== answer).map(([name]) => name);
  assert.deepEqual(differing, ["socket(PACKET)", "chroot"]);
  assert.deepEqual(await answers(box, "--init"), asRoot);
  await box.ok("run", "-d", "--name", "target", await tries(box), "sleep", "1000");
  assert.deepEqual(answersOf(await box.ok("exec", "target", "tries")), asRoot);
  await box.ok("rm", "-f", "target");
});

test("seccomp=unconfined lets everything through to the kernel", async (box) => {
  const got = await answers(box, "--security-opt", "seccomp=unconfined");
  assert.deepEqual([got.get("unshare(0)"), got.get("personality(ADDR_NO_RANDOMIZE)")], ["ok", "ok"]);
  assert.deepEqual([got.get("clone3"), got.get("io_uring_enter")], ["EINVAL", "EBADF"]);
  // The capabilities are what stands then.
  assert.equal(got.get("clone(NEWNS)"), "EPERM");
});

const unlocks: readonly { capability: string; calls: Readonly<Record<string, string>> }[] = [
  {
    capability: "SYS_ADMIN",
    calls: { "mount": "EFAULT", "unshare(NEWNS)": "ok", "clone(NEWNET)": "ok", "setns": "EBADF", "fsmount": "EBADF" },
  },
  { capability: "SYS_PTRACE", calls: { kcmp: "EINVAL" } },
  { capability: "SYS_NICE", calls: { mbind: "EINVAL", set_mempolicy: "EINVAL" } },
  { capability: "DAC_READ_SEARCH", calls: { open_by_handle_at: "EFAULT" } },
  { capability: "SYS_TIME", calls: { settimeofday: "EFAULT" } },
  { capability: "SYS_PACCT", calls: { acct: "ENOENT" } },
];

for (const { capability, calls } of unlocks) {
  test(`--cap-add ${capability} opens the calls that go with it, and no others`, async (box) => {
    const [usual, got] = [await answers(box), await answers(box, "--cap-add", capability)];
    for (const [name, answer] of Object.entries(calls)) assert.equal(got.get(name), answer, name);
    for (const name of ["keyctl", "userfaultfd", "io_uring_setup", "socket(VSOCK)", "kexec_load", "pivot_root"]) {
      assert.equal(got.get(name), usual.get(name), name);
    }
  });
}

test("seccomp=FILE: its rules and no others, with their error numbers", async (box) => {
  const path = `${box.folder}/profile.json`;
  const profile = {
    defaultAction: "SCMP_ACT_ALLOW",
    // Calls of other machines end the process: an x32 one is among the tries.
    architectures: Deno.build.arch === "x86_64" ? ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"] : ["SCMP_ARCH_AARCH64"],
    syscalls: [
      { names: ["getrandom"], action: "SCMP_ACT_ERRNO", errnoRet: 71 },
      { names: ["memfd_create"], action: "SCMP_ACT_ERRNO" },
    ],
  };
  await Deno.writeTextFile(path, JSON.stringify(profile));
  const got = await answers(box, "--security-opt", `seccomp=${path}`);
  assert.deepEqual([got.get("getrandom"), got.get("memfd_create"), got.get("unshare(0)")], ["EPROTO", "EPERM", "ok"]);
});

test("a profile that kills: the process is gone with SIGSYS, a profile that cannot be read is refused", async (box) => {
  const path = `${box.folder}/kill.json`;
  const syscalls = [{ names: ["unshare"], action: "SCMP_ACT_KILL_PROCESS" }];
  await Deno.writeTextFile(path, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
  const run = ["run", "--rm", "--security-opt", `seccomp=${path}`, "busybox"];
  assert.equal((await box.sauropod([...run, "unshare", "-u", "true"])).code, 128 + 31);
  for (const text of ["{", "[]", '{"defaultAction":"SCMP_ACT_FLY"}', '{"syscalls":[]}']) {
    await Deno.writeTextFile(path, text);
    const { code, stdout, stderr } = await box.sauropod([...run, "true"]);
    assert.deepEqual([code, stdout], [125, ""], `${text}: ${stderr}`);
    assert.match(stderr, /seccomp/);
  }
  assert.equal((await box.sauropod([...run.slice(0, 3), "seccomp=/no/such", "busybox", "true"])).code, 125);
});

test("the kernel says which filter is on", async (box) => {
  const seccomp = async (...flags: string[]) =>
    await box.ok("run", "--rm", ...flags, "busybox", "grep", "^Seccomp:", "/proc/self/status");
  assert.equal(await seccomp(), "Seccomp:\t2");
  assert.equal(await seccomp("--security-opt", "seccomp=builtin"), "Seccomp:\t2");
  assert.equal(await seccomp("--security-opt", "seccomp=unconfined"), "Seccomp:\t0");
  assert.equal(await seccomp("--privileged"), "Seccomp:\t0");
  await startSleeper(box, "filtered");
  const status = Deno.readTextFileSync(`/proc/${await box.inspect("filtered", "{{.State.Pid}}")}/status`);
  assert.match(status, /^Seccomp:\t2\nSeccomp_filters:\t\d+$/m);
  await box.ok("rm", "-f", "filtered");
});
