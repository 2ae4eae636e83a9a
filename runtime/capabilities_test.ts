import assert from "node:assert/strict";
import {
  ALL_CAPABILITIES,
  CAPABILITIES,
  capabilityNames,
  capabilitySets,
  DEFAULT_CAPABILITIES,
  maskOf,
  parseCapability,
  resolveCapabilities,
} from "./capabilities.ts";

const DEFAULT_MASK = 0xa80425fbn;

Deno.test("the table numbers 41 capabilities from 0 to 40 without a gap", () => {
  assert.deepEqual(Object.values(CAPABILITIES), Array.from({ length: 41 }, (_, i) => i));
  assert.equal(ALL_CAPABILITIES, 0x1ffffffffffn);
});

Deno.test("the default set is the mask that /proc/self/status shows in a Docker container", () => {
  assert.equal(DEFAULT_CAPABILITIES.length, 14);
  assert.equal(resolveCapabilities({}), DEFAULT_MASK);
});

Deno.test("parseCapability() accepts any case, with and without the prefix", () => {
  for (const name of ["net_admin", "NET_ADMIN", "CAP_NET_ADMIN", "cap_net_admin"]) {
    assert.equal(parseCapability(name), 12, name);
  }
  assert.equal(parseCapability("all"), "ALL");
});

Deno.test("parseCapability() refuses an unknown name with Docker's sentence", () => {
  assert.throws(() => parseCapability("x"), {
    class: "invalid",
    message: 'invalid CapAdd: unknown capability: "CAP_X"',
  });
  assert.throws(() => parseCapability("CAP_ALL", "CapDrop"), {
    message: 'invalid CapDrop: unknown capability: "CAP_ALL"',
  });
  assert.throws(() => parseCapability("toString"), { class: "invalid" });
});

const NET_ADMIN = maskOf(["CAP_NET_ADMIN"]);
const CHOWN = maskOf(["CAP_CHOWN"]);
const cases = [
  { name: "add one", request: { add: ["NET_ADMIN"] }, mask: DEFAULT_MASK | NET_ADMIN },
  { name: "drop one", request: { drop: ["chown"] }, mask: DEFAULT_MASK & ~CHOWN },
  { name: "drop ALL, add one", request: { drop: ["ALL"], add: ["CHOWN"] }, mask: CHOWN },
  { name: "drop ALL", request: { drop: ["all"] }, mask: 0n },
  { name: "add ALL", request: { add: ["ALL"] }, mask: ALL_CAPABILITIES },
  { name: "add ALL, drop one", request: { add: ["ALL"], drop: ["CHOWN"] }, mask: ALL_CAPABILITIES & ~CHOWN },
  { name: "add ALL beats drop ALL", request: { add: ["ALL"], drop: ["ALL"] }, mask: ALL_CAPABILITIES },
  { name: "added and dropped is kept", request: { add: ["CHOWN"], drop: ["CHOWN"] }, mask: DEFAULT_MASK },
  { name: "privileged beats drop", request: { privileged: true, drop: ["ALL"] }, mask: ALL_CAPABILITIES },
  { name: "privileged gets what is known", request: { privileged: true, known: 0xffn }, mask: 0xffn },
];
for (const { name, request, mask } of cases) {
  Deno.test(`resolveCapabilities(): ${name}`, () => assert.equal(resolveCapabilities(request), mask));
}

Deno.test("resolveCapabilities() checks the lists of a privileged container too", () => {
  assert.throws(() => resolveCapabilities({ privileged: true, drop: ["nope"] }), { class: "invalid" });
});

Deno.test("resolveCapabilities() names a capability that the kernel lacks", () => {
  assert.throws(() => resolveCapabilities({ add: ["BPF"], known: 0xffn }), {
    message: "invalid CapAdd: capability not supported by your kernel or not available in the current environment: " +
      '"CAP_BPF"',
  });
});

Deno.test("capabilityNames() is the inverse of maskOf()", () => {
  assert.deepEqual(
    capabilityNames(DEFAULT_MASK),
    DEFAULT_CAPABILITIES.toSorted((a, b) => CAPABILITIES[a] - CAPABILITIES[b]),
  );
});

Deno.test("capabilitySets() leaves inheritable and ambient empty, and permitted too for who is not root", () => {
  assert.deepEqual(capabilitySets(7n, 0), { bounding: 7n, permitted: 7n, effective: 7n, inheritable: 0n, ambient: 0n });
  assert.deepEqual(capabilitySets(7n, 1), { bounding: 7n, permitted: 0n, effective: 0n, inheritable: 0n, ambient: 0n });
});
