import assert from "node:assert/strict";
import { CAPABILITIES, resolveCapabilities } from "../capabilities.ts";
import type { MachineArch } from "./abi.ts";
import { compileSeccomp } from "./compile.ts";
import { DEFAULT_SECCOMP_PROFILE } from "./default_profile.ts";
import type { SeccompArgument, SeccompProfile, SeccompRule } from "./profile.ts";
import { simulate } from "./simulate_test_support.ts";
import { SYSCALLS_AARCH64 } from "./syscalls_aarch64.ts";
import { SYSCALLS_ARM } from "./syscalls_arm.ts";
import { SYSCALLS_I386 } from "./syscalls_i386.ts";
import { SYSCALLS_X32, X32_SYSCALL_BIT } from "./syscalls_x32.ts";
import { SYSCALLS_X86_64 } from "./syscalls_x86_64.ts";

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const KILL = 0x80000000;
const KERNEL = { major: 6, minor: 1 };
const X86_64 = 0xc000003e;
const I386 = 0x40000003;
const AARCH64 = 0xc00000b7;
const ARM = 0x40000028;

const DEFAULT = resolveCapabilities({});
const ADMIN = resolveCapabilities({ add: ["SYS_ADMIN"] });

interface View {
  readonly name: string;
  readonly machine: MachineArch;
  readonly arch: number;
  readonly bit: number;
  readonly numbers: Readonly<Record<string, number>>;
  readonly wide: boolean;
}
const views: View[] = [
  { name: "x86_64", machine: "x86_64", arch: X86_64, bit: 0, numbers: SYSCALLS_X86_64, wide: true },
  { name: "x32", machine: "x86_64", arch: X86_64, bit: X32_SYSCALL_BIT, numbers: SYSCALLS_X32, wide: false },
  { name: "i386", machine: "x86_64", arch: I386, bit: 0, numbers: SYSCALLS_I386, wide: false },
  { name: "aarch64", machine: "aarch64", arch: AARCH64, bit: 0, numbers: SYSCALLS_AARCH64, wide: true },
  { name: "arm", machine: "aarch64", arch: ARM, bit: 0, numbers: SYSCALLS_ARM, wide: false },
];

/** Values around everything that the default profile compares with, also with garbage in the high half. */
const ARGUMENTS = [0n, 8n, 9n, 0x11n, 37n, 38n, 39n, 40n, 41n, 42n, 43n, 44n, 47n, 48n, 63n, 64n, 0x20000n, 0x20008n]
  .concat([0x10000000n, 0x7e020000n, 0x1200011n, 0xffffffffn, 1n << 32n, (1n << 32n) + 40n, (1n << 64n) - 1n]);

/** The profile read literally, rule by rule: slow, obvious, and written apart from the compiler. */
function evaluate(profile: SeccompProfile, capabilities: bigint, view: View, number: number, arg0: bigint): number {
  const goArch = view.machine === "x86_64" ? "amd64" : "arm64";
  const has = (cap: string) => (capabilities >> BigInt(CAPABILITIES[cap as keyof typeof CAPABILITIES])) & 1n;
  const applies = ({ includes, excludes }: SeccompRule) =>
    (includes?.arches?.includes(goArch) ?? true) && (includes?.caps?.every(has) ?? true) &&
    !excludes?.arches?.includes(goArch) && !excludes?.caps?.some(has);
  const rules = profile.syscalls.filter(applies);
  const numberOf = (name: string) => view.numbers[name];
  const named = rules.filter((rule) => rule.names.some((name) => numberOf(name) === number));
  const matching = named.filter((rule) => !rule.args?.length).concat(
    named.filter((rule) => rule.args?.length && rule.args.every((arg) => matches(arg, arg0, view.wide))),
  );
  const first = matching[0];
  if (first !== undefined) return first.action === "SCMP_ACT_ALLOW" ? ALLOW : 0x50000 | (first.errnoRet ?? 1);
  const known = rules.flatMap((rule) => rule.names.map(numberOf)).filter((n) => n !== undefined && n < 0xf0000);
  return number > Math.max(...known as number[]) ? ENOSYS : EPERM;
}

function matches({ op, value, valueTwo = 0n }: SeccompArgument, argument: bigint, wide: boolean): boolean {
  const cut = (n: bigint) => BigInt.asUintN(wide ? 64 : 32, n);
  const [a, v] = [cut(argument), cut(value)];
  return {
    SCMP_CMP_EQ: a === v,
    SCMP_CMP_NE: a !== v,
    SCMP_CMP_LT: a < v,
    SCMP_CMP_LE: a <= v,
    SCMP_CMP_GT: a > v,
    SCMP_CMP_GE: a >= v,
    SCMP_CMP_MASKED_EQ: (a & v) === cut(valueTwo),
  }[op];
}

for (const view of views) {
  for (const [set, capabilities] of Object.entries({ default: DEFAULT, SYS_ADMIN: ADMIN, all: -1n, no: 0n })) {
    Deno.test(`default profile, ${view.name}, ${set} capabilities: the tree says for each call what the rules say`, () => {
      const program = compileSeccomp(DEFAULT_SECCOMP_PROFILE, { arch: view.machine, capabilities, kernel: KERNEL });
      const compared = new Set(["clone", "socket", "personality"].map((name) => view.numbers[name]));
      const numbers = [...Array(601).keys(), 0xf0000, 0xf0002, 0xf0005, 0xf0006, 0x3fffffff];
      for (const number of numbers) {
        for (const arg0 of compared.has(number) ? ARGUMENTS : [0n]) {
          const expected = evaluate(DEFAULT_SECCOMP_PROFILE, capabilities, view, number, arg0);
          const { value } = simulate(program, { arch: view.arch, number: number + view.bit, args: [arg0] });
          assert.equal(value, expected, `call ${number}, first argument ${arg0}`);
        }
      }
    });
  }
}

function verdict(name: keyof typeof SYSCALLS_X86_64, args: bigint[] = [], capabilities = DEFAULT): number {
  const target = { arch: "x86_64", capabilities, kernel: KERNEL } as const;
  const program = compileSeccomp(DEFAULT_SECCOMP_PROFILE, target);
  return simulate(program, { arch: X86_64, number: SYSCALLS_X86_64[name], args }).value;
}

Deno.test("clone makes threads but no user namespace, unless the container has CAP_SYS_ADMIN", () => {
  const newUser = 0x10000000n;
  assert.equal(verdict("clone", [0x3d0f00n]), ALLOW);
  assert.equal(verdict("clone", [newUser]), EPERM);
  assert.equal(verdict("clone", [newUser], ADMIN), ALLOW);
});

Deno.test("clone3 looks absent without CAP_SYS_ADMIN, so that C libraries fall back on clone", () => {
  assert.equal(verdict("clone3"), ENOSYS);
  assert.equal(verdict("clone3", [], ADMIN), ALLOW);
});

Deno.test("socket makes no AF_VSOCK and no AF_ALG, also not with bits that the kernel ignores", () => {
  for (const family of [1n, 2n, 10n, 16n, 39n, 41n, 44n, 45n]) assert.equal(verdict("socket", [family]), ALLOW);
  for (const family of [38n, 40n, (1n << 32n) + 40n, (5n << 33n) + 38n, 0xffffffff00000028n]) {
    assert.equal(verdict("socket", [family], -1n), EPERM, `${family}`);
  }
});

Deno.test("what opens the kernel to attacks is closed by default", () => {
  const closed = [
    "unshare",
    "setns",
    "mount",
    "open_tree",
    "fsopen",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "keyctl",
  ];
  for (const name of [...closed, "add_key", "io_uring_setup", "kexec_load", "init_module", "pivot_root"]) {
    assert.equal(verdict(name as keyof typeof SYSCALLS_X86_64), EPERM, name);
  }
});

Deno.test("calls newer than the profile fail with ENOSYS, so that programs fall back", () => {
  assert.equal(verdict("rseq_slice_yield"), ENOSYS);
  assert.equal(verdict("kexec_file_load"), EPERM);
});

Deno.test("a foreign architecture is killed, and so is x32 where the profile does not list it", () => {
  const target = { arch: "x86_64", capabilities: DEFAULT, kernel: KERNEL } as const;
  const all = compileSeccomp(DEFAULT_SECCOMP_PROFILE, target);
  assert.equal(simulate(all, { arch: AARCH64, number: 63 }).value, KILL);
  const { archMap: _, ...alone } = DEFAULT_SECCOMP_PROFILE;
  const native = compileSeccomp(alone, target);
  assert.equal(simulate(native, { arch: X86_64, number: 0 }).value, ALLOW);
  assert.equal(simulate(native, { arch: X86_64, number: X32_SYSCALL_BIT }).value, KILL);
  assert.equal(simulate(native, { arch: X86_64, number: 0xffffffff }).value, EPERM);
  assert.equal(simulate(native, { arch: I386, number: 3 }).value, KILL);
});

Deno.test("the default filter is short, and finds each verdict in few steps", () => {
  for (const arch of ["x86_64", "aarch64"] as const) {
    const program = compileSeccomp(DEFAULT_SECCOMP_PROFILE, { arch, capabilities: DEFAULT, kernel: KERNEL });
    assert.ok(program.length / 8 <= 290, `${program.length / 8} instructions on ${arch}`);
    const views64 = views.filter((view) => view.machine === arch);
    for (const { arch, bit } of views64) {
      for (let number = 0; number < 600; number++) {
        const { steps } = simulate(program, { arch, number: number + bit, args: [64n] });
        assert.ok(steps <= 30, `call ${number}: ${steps} steps`);
      }
    }
  }
});

const OPERATORS = ["EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ"] as const;
const EDGES = [0n, 1n, 5n, 0xffffffffn, 1n << 32n, (1n << 32n) + 5n, (7n << 32n) + 5n, 1n << 63n, (1n << 64n) - 1n];
for (const name of OPERATORS) {
  Deno.test(`SCMP_CMP_${name} compares all 64 bits on x86_64 and the low 32 on i386`, () => {
    for (const value of EDGES) {
      const arg: SeccompArgument = { index: 3, op: `SCMP_CMP_${name}`, value, valueTwo: value & 5n };
      const program = compile({ names: ["read"], action: "SCMP_ACT_KILL_PROCESS", args: [arg] });
      for (const argument of EDGES) {
        const args = [0n, 0n, 0n, argument];
        const run = (arch: number, number: number) => simulate(program, { arch, number, args }).value === KILL;
        assert.equal(run(X86_64, 0), matches(arg, argument, true), `${argument} ${name} ${value}`);
        assert.equal(run(I386, 3), matches(arg, argument, false), `${argument} ${name} ${value} (32 bits)`);
      }
    }
  });
}

function compile(...syscalls: SeccompRule[]): Uint8Array<ArrayBuffer> {
  const profile: SeccompProfile = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86"], syscalls };
  return compileSeccomp(profile, { arch: "x86_64", capabilities: 0n, kernel: KERNEL });
}
const eq = (index: number, value: bigint): SeccompArgument => ({ index, value, op: "SCMP_CMP_EQ" });

Deno.test("comparisons of different arguments must all match; of the same argument any one", () => {
  const both = compile({ names: ["read"], action: "SCMP_ACT_ERRNO", args: [eq(0, 1n), eq(1, 2n)] });
  const any = compile({ names: ["read"], action: "SCMP_ACT_ERRNO", args: [eq(0, 1n), eq(0, 2n)] });
  const run = (program: Uint8Array<ArrayBuffer>, ...args: bigint[]) =>
    simulate(program, { arch: X86_64, number: 0, args }).value;
  assert.deepEqual([run(both, 1n, 2n), run(both, 1n, 3n), run(both, 0n, 2n)], [EPERM, ALLOW, ALLOW]);
  assert.deepEqual([run(any, 1n), run(any, 2n), run(any, 3n)], [EPERM, EPERM, ALLOW]);
});

Deno.test("a denied socket is denied behind i386's socketcall too, whatever the arguments", () => {
  const vsock = compile({ names: ["socket"], action: "SCMP_ACT_ERRNO", args: [eq(0, 40n)] });
  const run = (selector: bigint) => simulate(vsock, { arch: I386, number: 102, args: [selector] }).value;
  assert.deepEqual([run(1n), run(2n)], [EPERM, ALLOW]);
});

const actions = [
  { action: "SCMP_ACT_KILL", value: 0 },
  { action: "SCMP_ACT_KILL_THREAD", value: 0 },
  { action: "SCMP_ACT_KILL_PROCESS", value: 0x80000000 },
  { action: "SCMP_ACT_TRAP", value: 0x30000 },
  { action: "SCMP_ACT_ERRNO", errnoRet: 13, value: 0x5000d },
  { action: "SCMP_ACT_TRACE", errnoRet: 7, value: 0x7ff00007 },
  { action: "SCMP_ACT_LOG", value: 0x7ffc0000 },
] as const;
for (const { value, ...rule } of actions) {
  Deno.test(`${rule.action} returns 0x${value.toString(16)}`, () => {
    const program = compile({ names: ["read"], ...rule });
    assert.equal(simulate(program, { arch: X86_64, number: 0 }).value, value);
    assert.equal(simulate(program, { arch: X86_64, number: 1 }).value, ALLOW);
  });
}

Deno.test("SCMP_ACT_NOTIFY is refused", () => {
  assert.throws(() => compile({ names: ["read"], action: "SCMP_ACT_NOTIFY" }), {
    class: "invalid",
    message: /SCMP_ACT_NOTIFY is not supported/,
  });
});

/** As many comparisons as it takes to make jumps longer than 255 instructions, and the program longer than 4096. */
const chain = (length: number) =>
  compile({
    names: ["read", "write", "getpid"],
    action: "SCMP_ACT_ERRNO",
    args: [...Array(length).keys()].map((i) => eq(0, BigInt(i * 3))),
  });

Deno.test("jumps over more than 255 instructions arrive", () => {
  const program = chain(400);
  for (const argument of [0, 3, 600, 1197, 1, 1198, 1200]) {
    const { value } = simulate(program, { arch: X86_64, number: 0, args: [BigInt(argument)] });
    assert.equal(value, argument % 3 === 0 && argument < 1200 ? EPERM : ALLOW, `${argument}`);
  }
});

Deno.test("a profile that does not fit into 4096 instructions is refused", () => {
  const rules = ["read", "write", "getpid", "open"].map((name, i): SeccompRule => ({
    names: [name],
    action: "SCMP_ACT_ERRNO",
    args: Array.from({ length: 2048 }, (_, value) => eq(i, BigInt(value * 4 + i))),
  }));
  assert.throws(() => compile(...rules), {
    class: "invalid",
    message: /too long, \d+ instructions; the kernel takes 4096/,
  });
});

Deno.test("a call with more rules than any program can check is refused before it is compiled", () => {
  assert.throws(() => chain(100_000), { class: "invalid", message: /100000 rules for one call; at most 2048/ });
});
