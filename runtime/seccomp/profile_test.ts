import assert from "node:assert/strict";
import { parseProfile } from "./profile.ts";

Deno.test("parseProfile() reads Docker's format, with null for what is absent", () => {
  const profile = parseProfile(JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: null }],
    syscalls: [
      { names: ["read"], action: "SCMP_ACT_ALLOW", args: null, includes: {}, excludes: null, comment: "x" },
      { name: "kill", action: "SCMP_ACT_ERRNO", errnoRet: 38, includes: { minKernel: "4.8", caps: ["CAP_KILL"] } },
    ],
  }));
  assert.deepEqual(profile, {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: [] }],
    syscalls: [
      { names: ["read"], action: "SCMP_ACT_ALLOW", includes: {} },
      {
        names: ["kill"],
        action: "SCMP_ACT_ERRNO",
        errnoRet: 38,
        includes: { minKernel: { major: 4, minor: 8 }, caps: ["CAP_KILL"] },
      },
    ],
  });
});

Deno.test("parseProfile() keeps all digits of 64-bit values", () => {
  const json = `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["x"],"action":"SCMP_ACT_ERRNO","args":[
    {"index":5,"value":18446744073709551615,"valueTwo":9007199254740993,"op":"SCMP_CMP_MASKED_EQ"}]}]}`;
  assert.deepEqual(parseProfile(json).syscalls[0]?.args, [
    { index: 5, value: 18446744073709551615n, valueTwo: 9007199254740993n, op: "SCMP_CMP_MASKED_EQ" },
  ]);
});

const rule = (fields: object) => ({
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: ["read"], action: "SCMP_ACT_ERRNO", ...fields }],
});
const arg = (fields: object) => rule({ args: [{ index: 0, value: 1, op: "SCMP_CMP_EQ", ...fields }] });
const refused: { name: string; profile: unknown; at: string }[] = [
  { name: "a list", profile: [], at: "profile: expected an object" },
  { name: "no default action", profile: {}, at: "defaultAction: unknown value" },
  { name: "an unknown action", profile: rule({ action: "ALLOW" }), at: 'syscalls[0].action: unknown value "ALLOW"' },
  { name: "names that are no list", profile: rule({ names: "read" }), at: "syscalls[0].names: expected a list" },
  {
    name: "a name that is no string",
    profile: rule({ names: ["a", 1] }),
    at: "syscalls[0].names[1]: expected a string",
  },
  { name: "name and names", profile: rule({ name: "read" }), at: "syscalls[0]: both 'name' and 'names'" },
  { name: "an errno over 4095", profile: rule({ errnoRet: 4096 }), at: "syscalls[0].errnoRet: expected an integer" },
  { name: "argument 6", profile: arg({ index: 6 }), at: "syscalls[0].args[0].index: expected an integer from 0 to 5" },
  { name: "a negative value", profile: arg({ value: -1 }), at: "syscalls[0].args[0].value: expected an integer" },
  { name: "a fraction", profile: arg({ value: 0.5 }), at: "syscalls[0].args[0].value: expected an integer" },
  { name: "a value over 64 bits", profile: arg({ value: 2 ** 64 }), at: "syscalls[0].args[0].value: expected" },
  { name: "an unknown operator", profile: arg({ op: "EQ" }), at: 'syscalls[0].args[0].op: unknown value "EQ"' },
  {
    name: "a kernel version",
    profile: rule({ includes: { minKernel: "4.x" } }),
    at: "syscalls[0].includes.minKernel: ",
  },
  {
    name: "architectures and archMap",
    profile: { architectures: ["A"], archMap: [{ architecture: "A" }] },
    at: "archMap: both",
  },
  { name: "a listener", profile: { listenerPath: "/run/agent" }, at: "listenerPath: " },
];
for (const { name, profile, at } of refused) {
  Deno.test(`parseProfile() refuses ${name} and says where`, () => {
    assert.throws(() => parseProfile(JSON.stringify(profile)), (error: Error & { class?: string }) => {
      assert.equal(error.class, "invalid");
      assert.ok(error.message.startsWith(`Decoding seccomp profile failed: ${at}`), error.message);
      return true;
    });
  });
}

Deno.test("parseProfile() refuses text that is no JSON", () => {
  assert.throws(() => parseProfile("{"), { class: "invalid", message: /^Decoding seccomp profile failed: / });
});
