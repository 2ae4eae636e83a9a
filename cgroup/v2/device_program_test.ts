import assert from "node:assert/strict";
import type { DeviceRule } from "../cgroup.ts";
import { containerRules, parseDeviceRule } from "../device_rules.ts";
import { deviceProgram } from "./device_program.ts";

const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** Runs a program as the kernel would; knows just the instructions of linux/bpf.h that it may contain. */
function ask(program: Uint8Array<ArrayBuffer>, type: "b" | "c", major: number, minor: number, access: string): boolean {
  const wanted = [...access].reduce((mask, letter) => mask | (ACCESS[letter] ?? 0), 0);
  const context = [(wanted << 16) | (type === "b" ? 1 : 2), major, minor];
  const view = new DataView(program.buffer);
  const registers: number[] = [];
  for (let at = 0;; at++) {
    const [op, nibbles] = [view.getUint8(at * 8), view.getUint8(at * 8 + 1)];
    const [offset, imm] = [view.getInt16(at * 8 + 2, true), view.getInt32(at * 8 + 4, true)];
    const [dst, src] = [nibbles & 15, nibbles >> 4];
    const value = registers[dst] ?? NaN;
    if (op === 0x61) registers[dst] = context[offset / 4] ?? NaN;
    else if (op === 0x54) registers[dst] = value & imm;
    else if (op === 0x74) registers[dst] = value >>> imm;
    else if (op === 0xbc) registers[dst] = registers[src] ?? NaN;
    else if (op === 0xb7) registers[dst] = imm;
    else if (op === 0x55) at += value !== imm ? offset : 0;
    else if (op === 0x15) at += value === imm ? offset : 0;
    else if (op === 0x95) return registers[0] === 1;
    else assert.fail(`unknown operation 0x${op.toString(16)} at ${at}`);
  }
}

const denyAll: DeviceRule = { allow: false, type: "a", access: "rwm" };
const standard = containerRules({});
const rows: readonly {
  name: string;
  rules: readonly DeviceRule[];
  ask: [string, string][];
  refuse: [string, string][];
}[] = [
  {
    name: "the rules of a container",
    rules: standard,
    ask: [["c 1:3", "r"], ["c 1:3", "rw"], ["c 1:5", "rwm"], ["c 136:7", "rw"], ["c 9:9", "m"], ["b 8:0", "m"]],
    refuse: [["c 1:1", "r"], ["b 8:0", "r"], ["b 8:0", "rm"], ["c 1:11", "w"], ["b 1:3", "r"], ["c 10:229", "rw"]],
  },
  {
    name: "a rule that adds reading",
    rules: [...standard, parseDeviceRule("b 8:* r")],
    ask: [["b 8:0", "r"], ["b 8:999999", "r"]],
    refuse: [["b 8:0", "w"], ["b 8:0", "rw"], ["b 9:0", "r"]],
  },
  {
    name: "reading and writing in two rules",
    rules: [denyAll, parseDeviceRule("c 1:3 r"), parseDeviceRule("c 1:3 w")],
    ask: [["c 1:3", "r"], ["c 1:3", "rw"]],
    refuse: [["c 1:3", "m"]],
  },
  {
    name: "everything but one device",
    rules: [{ ...denyAll, allow: true }, { allow: false, type: "c", major: 1, minor: 3, access: "w" }],
    ask: [["c 1:3", "r"], ["b 8:0", "rwm"], ["c 1:4", "w"]],
    refuse: [["c 1:3", "w"], ["c 1:3", "rw"]],
  },
  { name: "no rules", rules: [], ask: [], refuse: [["c 1:3", "r"], ["c 1:3", "m"]] },
];
for (const { name, rules, ask: allowed, refuse } of rows) {
  Deno.test(`deviceProgram() keeps ${name}`, () => {
    const program = deviceProgram(rules);
    const check = (device: string, access: string) => {
      const [, type, major, minor] = /^([bc]) (\d+):(\d+)$/.exec(device) ?? [];
      return ask(program, type === "b" ? "b" : "c", Number(major), Number(minor), access);
    };
    for (const [device, access] of allowed) assert.equal(check(device, access), true, `${device} ${access}`);
    for (const [device, access] of refuse) assert.equal(check(device, access), false, `${device} ${access}`);
  });
}

Deno.test("deviceProgram() of one rule is these instructions, none of them dead", () => {
  const hex = [...deviceProgram([denyAll, parseDeviceRule("c 1:3 rw")])]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/.{16}/g, "$& ").trim().split(" ");
  assert.deepEqual(hex, [
    "6112000000000000", // r2 = *(u32 *)(r1 + 0)
    "bc23000000000000", // w3 = w2
    "54020000ffff0000", // w2 &= 0xffff
    "7403000010000000", // w3 >>= 16
    "6114040000000000", // r4 = *(u32 *)(r1 + 4)
    "6115080000000000", // r5 = *(u32 *)(r1 + 8)
    "5502070002000000", // if r2 != 2 goto +7
    "bc31000000000000", // w1 = w3
    "5401000001000000", // w1 &= 1
    "5501040000000000", // if r1 != 0 goto +4
    "5504030001000000", // if r4 != 1 goto +3
    "5505020003000000", // if r5 != 3 goto +2
    "b700000001000000", // r0 = 1
    "9500000000000000", // exit
    "b700000000000000", // r0 = 0
    "9500000000000000", // exit
  ]);
});
