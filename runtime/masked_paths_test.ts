import assert from "node:assert/strict";
import { MASKED_PATHS, READ_ONLY_PATHS, thermalThrottlePaths } from "./masked_paths.ts";

Deno.test("masked and read-only paths are absolute, plain, in /proc or /sys, and listed once", () => {
  const paths = [...MASKED_PATHS, ...READ_ONLY_PATHS].map((guarded) => guarded.path);
  for (const path of paths) assert.match(path, /^\/(proc|sys)(\/[a-z_-]+)+$/);
  assert.equal(new Set(paths).size, paths.length);
});

Deno.test("the paths of known escapes are masked", () => {
  const masked = MASKED_PATHS.map((guarded) => guarded.path);
  for (const path of ["/proc/kcore", "/proc/scsi", "/proc/acpi", "/proc/interrupts", "/sys/firmware"]) {
    assert.ok(masked.includes(path), path);
  }
  assert.ok(READ_ONLY_PATHS.some((guarded) => guarded.path === "/proc/sysrq-trigger"));
});

Deno.test("thermalThrottlePaths() names one directory per processor", () => {
  assert.deepEqual(thermalThrottlePaths([0, 3]), [
    "/sys/devices/system/cpu/cpu0/thermal_throttle",
    "/sys/devices/system/cpu/cpu3/thermal_throttle",
  ]);
});
