/**
 * Device rules as a BPF program. v2 has no device controller: a program of type BPF_PROG_TYPE_CGROUP_DEVICE, attached to
 * the group, is asked for every open and mknod of a device and answers 1 (allowed) or 0 (EPERM). It gets
 *
 *   struct bpf_cgroup_dev_ctx { u32 access_type; u32 major; u32 minor; }
 *
 * with the access (mknod 1, read 2, write 4) in the upper half of access_type and the type (block 1, character 2) in the
 * lower (linux/bpf.h). The program looks at the rules from the last, the most specific, to the first; the first of them
 * that speaks about the device decides:
 *
 *   r2 = type, r3 = access, r4 = major, r5 = minor
 *   for each rule:  if r2 != type goto next        (not for type a)
 *                   r1 = r3 & …; if r1 … goto next (not for rwm)
 *                   if r4 != major goto next; if r5 != minor goto next  (not for *)
 *                   r0 = allow; exit
 *   next:           …
 *   at the end:     r0 = 0; exit               (unless a rule about everything has answered)
 */
import type { DeviceRule } from "../cgroup.ts";
import { isEverything, normalizeRules } from "../device_rules.ts";

/** Operation codes (linux/bpf_common.h, linux/bpf.h): class, source, operation added up. */
const OP = {
  LOAD_WORD: 0x61, // dst = *(u32 *)(src + offset)
  AND32: 0x54,
  SHIFT_RIGHT32: 0x74,
  COPY32: 0xbc,
  SET: 0xb7,
  JUMP_UNEQUAL: 0x55,
  JUMP_EQUAL: 0x15,
  EXIT: 0x95,
} as const;

const TYPES = { b: 1, c: 2 } as const;
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const ALL_ACCESS = 7;

interface Instruction {
  readonly op: number;
  readonly dst?: number;
  readonly src?: number;
  readonly offset?: number;
  readonly imm?: number;
}

/** `struct bpf_insn` after `struct bpf_insn`: op 8, registers 4 + 4, offset 16, immediate 32 bits. */
export function deviceProgram(rules: readonly DeviceRule[]): Uint8Array<ArrayBuffer> {
  const program: Instruction[] = [
    { op: OP.LOAD_WORD, dst: 2, src: 1, offset: 0 },
    { op: OP.COPY32, dst: 3, src: 2 },
    { op: OP.AND32, dst: 2, imm: 0xffff },
    { op: OP.SHIFT_RIGHT32, dst: 3, imm: 16 },
    { op: OP.LOAD_WORD, dst: 4, src: 1, offset: 4 },
    { op: OP.LOAD_WORD, dst: 5, src: 1, offset: 8 },
    ...decisions(normalizeRules(rules)),
  ];
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ op, dst = 0, src = 0, offset = 0, imm = 0 }, index) => {
    view.setUint8(index * 8, op);
    view.setUint8(index * 8 + 1, (src << 4) | dst);
    view.setInt16(index * 8 + 2, offset, true);
    view.setInt32(index * 8 + 4, imm, true);
  });
  return bytes;
}

/** The most special rule first. What follows a rule about everything is dropped: the verifier refuses dead code. */
function decisions(rules: readonly DeviceRule[]): Instruction[] {
  const last = rules.findLastIndex(isEverything);
  const live = last < 0 ? rules : rules.slice(last);
  return [...live.toReversed().flatMap(ruleBlock), ...(last < 0 ? answer(false) : [])];
}

function answer(allow: boolean): Instruction[] {
  return [{ op: OP.SET, dst: 0, imm: allow ? 1 : 0 }, { op: OP.EXIT }];
}

function ruleBlock({ allow, type, major, minor, access }: DeviceRule): Instruction[] {
  const bits = [...access].reduce((mask, letter) => mask | (ACCESS[letter] ?? 0), 0);
  const tests: Instruction[] = [];
  if (type !== "a") tests.push({ op: OP.JUMP_UNEQUAL, dst: 2, imm: TYPES[type] });
  if (bits !== ALL_ACCESS) {
    // Allowed only if nothing beyond the rule is asked for; denied as soon as one thing in it is.
    tests.push({ op: OP.COPY32, dst: 1, src: 3 });
    tests.push({ op: OP.AND32, dst: 1, imm: allow ? ALL_ACCESS & ~bits : bits });
    tests.push({ op: allow ? OP.JUMP_UNEQUAL : OP.JUMP_EQUAL, dst: 1, imm: 0 });
  }
  if (major !== undefined) tests.push({ op: OP.JUMP_UNEQUAL, dst: 4, imm: major });
  if (minor !== undefined) tests.push({ op: OP.JUMP_UNEQUAL, dst: 5, imm: minor });
  const block = [...tests, ...answer(allow)];
  const jumps: readonly number[] = [OP.JUMP_UNEQUAL, OP.JUMP_EQUAL];
  return block.map((insn, index) => jumps.includes(insn.op) ? { ...insn, offset: block.length - index - 1 } : insn);
}
