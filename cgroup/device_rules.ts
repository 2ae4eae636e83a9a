/** Device rules: Docker's notation, the rules that every container has, and the form that v1 and v2 work from. */
import { invalid } from "../base/errors.ts";
import type { DeviceRule } from "./cgroup.ts";

const DENY_ALL: DeviceRule = { allow: false, type: "a", access: "rwm" };
const ALLOW_ALL: DeviceRule = { allow: true, type: "a", access: "rwm" };

/** The character devices of every container (runc, AllowedDevices): major, minor, name. */
const STANDARD: readonly (readonly [major: number, minor: number | undefined, name: string])[] = [
  [1, 3, "null"],
  [1, 5, "zero"],
  [1, 7, "full"],
  [1, 8, "random"],
  [1, 9, "urandom"],
  [5, 0, "tty"],
  [5, 1, "console"],
  [5, 2, "ptmx"],
  [136, undefined, "pts/*"],
  [10, 200, "net/tun"],
];

/**
 * The rules of a container, most general first: all is denied, making any node is allowed (it cannot be opened), then
 * the standard devices, then `extra`. A privileged container may use everything.
 */
export function containerRules({ privileged = false, extra = [] }: {
  readonly privileged?: boolean;
  readonly extra?: readonly DeviceRule[];
}): DeviceRule[] {
  if (privileged) return [ALLOW_ALL];
  return [
    DENY_ALL,
    { allow: true, type: "c", access: "m" },
    { allow: true, type: "b", access: "m" },
    ...STANDARD.map(([major, minor]): DeviceRule => ({
      allow: true,
      type: "c",
      major,
      ...(minor === undefined ? {} : { minor }),
      access: "rwm",
    })),
    ...extra,
  ];
}

/**
 * Parses Docker's `--device-cgroup-rule`: `c 1:3 mr`, `b 8:* r`, `a *:* rwm`.
 * @throws {EngineError} `invalid`
 */
export function parseDeviceRule(text: string): DeviceRule {
  const match = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(text);
  if (match === null) throw invalid(`invalid device cgroup rule format: '${text}'`);
  const [, type, major, minor, access = ""] = match;
  return {
    allow: true,
    type: type === "b" ? "b" : type === "c" ? "c" : "a",
    ...(major === "*" ? {} : { major: Number(major) }),
    ...(minor === "*" ? {} : { minor: Number(minor) }),
    access: sortAccess(access),
  };
}

/** The rule that lets a container use one device of the host (`--device`). */
export function deviceRule(type: "b" | "c", major: number, minor: number, access: string): DeviceRule {
  if (!/^[rwm]{1,3}$/.test(access)) throw invalid(`invalid device permissions: ${access}`);
  return { allow: true, type, major, minor, access: sortAccess(access) };
}

/** Each letter once, in the order `rwm`. */
function sortAccess(access: string): string {
  return [..."rwm"].filter((letter) => access.includes(letter)).join("");
}

/** `c 1:3 rwm`, as v1 and Docker write a rule. */
export function ruleText({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major ?? "*"}:${minor ?? "*"} ${access}`;
}

/** Whether the rule is about every access to every device. */
export function isEverything(rule: DeviceRule): boolean {
  return rule.type === "a" && rule.major === undefined && rule.minor === undefined && rule.access.length === 3;
}

/** Whether nothing is denied at the end of the list. */
export function allowsAll(rules: readonly DeviceRule[]): boolean {
  const last = rules.findLastIndex(isEverything);
  return rules[last]?.allow === true && rules.slice(last + 1).every((rule) => rule.allow);
}

/**
 * The same rules in a form that both kernels' mechanisms understand alike:
 * - what stands before the last rule about everything is without effect, and dropped;
 * - a narrower rule of type `a` (`a 1:3 r`) becomes one for `c` and one for `b`: v1 would read it as "everything";
 * - allowing rules about the same device are one (`r` and `w` allow opening for both), as v1 merges them itself.
 */
export function normalizeRules(rules: readonly DeviceRule[]): DeviceRule[] {
  const last = rules.findLastIndex(isEverything);
  const head = last < 0 ? [] : rules.slice(last, last + 1);
  const tail = rules.slice(last + 1).flatMap((rule): DeviceRule[] =>
    rule.type === "a" ? [{ ...rule, type: "c" }, { ...rule, type: "b" }] : [rule]
  );
  const merged: DeviceRule[] = [];
  for (const rule of tail) {
    const at = merged.findIndex((other) => other.allow && rule.allow && sameDevices(other, rule));
    const other = merged[at];
    const denied = merged.slice(at + 1).some((later) => !later.allow); // a rule must not move before a denial
    if (other === undefined || denied) merged.push(rule);
    else merged[at] = { ...other, access: sortAccess(other.access + rule.access) };
  }
  return [...head, ...merged];
}

function sameDevices(a: DeviceRule, b: DeviceRule): boolean {
  return a.type === b.type && a.major === b.major && a.minor === b.minor;
}
