import type { DeviceRule } from "../cgroup.ts";
import { allowsAll, normalizeRules, ruleText } from "../device_rules.ts";
import type { KernelWrite } from "../kernel_write.ts";

/**
 * Device rules in v1: the kernel keeps a default and exceptions from it (Documentation/admin-guide/cgroup-v1/
 * devices.rst). A new group has its parent's, so a privileged one needs no write.
 */
export function deviceWrites(rules: readonly DeviceRule[]): KernelWrite[] {
  if (allowsAll(rules)) return [];
  return normalizeRules(rules).map((rule) => ({
    file: rule.allow ? "devices.allow" : "devices.deny",
    value: rule.type === "a" ? "a" : ruleText(rule),
  }));
}
