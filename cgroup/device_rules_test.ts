import assert from "node:assert/strict";
import { allowsAll, containerRules, deviceRule, normalizeRules, parseDeviceRule, ruleText } from "./device_rules.ts";
import { deviceWrites } from "./v1/devices.ts";

const valid = [
  { text: "c 1:3 mr", rule: { allow: true, type: "c", major: 1, minor: 3, access: "rm" } },
  { text: "b 8:* r", rule: { allow: true, type: "b", major: 8, access: "r" } },
  { text: "a *:* rwm", rule: { allow: true, type: "a", access: "rwm" } },
  { text: "c *:7 www", rule: { allow: true, type: "c", minor: 7, access: "w" } },
];
for (const { text, rule } of valid) {
  Deno.test(`parseDeviceRule() reads ${text}`, () => assert.deepEqual(parseDeviceRule(text), rule));
}
for (const text of ["", "c 1:3", "d 1:3 r", "c 1 r", "c 1:3 x", "c 1:3 rwmr", "c -1:3 r", " c 1:3 r", "c 1:3 r\n"]) {
  Deno.test(`parseDeviceRule() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseDeviceRule(text), /invalid device cgroup rule format/);
  });
}

Deno.test("deviceRule() refuses permissions other than r, w, m", () => {
  assert.throws(() => deviceRule("c", 1, 3, "x"), /invalid device permissions: x/);
});

Deno.test("containerRules() denies all, then allows nodes, the standard devices, and what was asked for", () => {
  assert.deepEqual(
    containerRules({ extra: [deviceRule("b", 8, 0, "r")] }).map((rule) => [rule.allow, ruleText(rule)]),
    [
      [false, "a *:* rwm"],
      [true, "c *:* m"],
      [true, "b *:* m"],
      [true, "c 1:3 rwm"],
      [true, "c 1:5 rwm"],
      [true, "c 1:7 rwm"],
      [true, "c 1:8 rwm"],
      [true, "c 1:9 rwm"],
      [true, "c 5:0 rwm"],
      [true, "c 5:1 rwm"],
      [true, "c 5:2 rwm"],
      [true, "c 136:* rwm"],
      [true, "c 10:200 rwm"],
      [true, "b 8:0 r"],
    ],
  );
});

Deno.test("allowsAll() is so for a privileged container only", () => {
  assert.equal(allowsAll(containerRules({ privileged: true })), true);
  assert.equal(allowsAll(containerRules({})), false);
  assert.equal(allowsAll([]), false);
  assert.equal(allowsAll(containerRules({ extra: [parseDeviceRule("a *:* rwm")] })), true);
  assert.equal(allowsAll(containerRules({ extra: [parseDeviceRule("a *:* rw")] })), false);
});

Deno.test("normalizeRules() splits a narrow rule of type a, which v1 would read as everything", () => {
  assert.deepEqual(normalizeRules([parseDeviceRule("a 1:3 r")]).map(ruleText), ["c 1:3 r", "b 1:3 r"]);
});

Deno.test("normalizeRules() joins what is allowed of one device, but not across a denial", () => {
  const [r, w] = [parseDeviceRule("c 1:3 r"), parseDeviceRule("c 1:3 w")];
  assert.deepEqual(normalizeRules([r, w]).map(ruleText), ["c 1:3 rw"]);
  const denial = { ...r, allow: false };
  assert.deepEqual(normalizeRules([r, denial, w]), [r, denial, w]);
});

Deno.test("deviceWrites() of v1 denies all in one word, and writes nothing for a privileged container", () => {
  const writes = deviceWrites(containerRules({}));
  assert.deepEqual(writes.slice(0, 3).map(({ file, value }) => `${file} = ${value}`), [
    "devices.deny = a",
    "devices.allow = c *:* m",
    "devices.allow = b *:* m",
  ]);
  assert.deepEqual(deviceWrites(containerRules({ privileged: true })), []);
});
