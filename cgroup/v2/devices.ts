import { unavailable } from "../../base/errors.ts";
import { attachDeviceProgram, loadDeviceProgram } from "../../sys/bpf.ts";
import { O, open } from "../../sys/open.ts";
import type { DeviceRule } from "../cgroup.ts";
import { allowsAll } from "../device_rules.ts";
import { deviceProgram } from "./device_program.ts";

/**
 * Puts the rules in force for the group `folder` and those below it. The program lives as long as the group.
 * @throws {EngineError} `unavailable` when the kernel takes no such program: a container without is not started
 */
export function restrictDevices(folder: string, rules: readonly DeviceRule[]): void {
  if (allowsAll(rules)) return;
  try {
    using program = loadDeviceProgram(deviceProgram(rules));
    using group = open(folder, O.RDONLY | O.DIRECTORY);
    attachDeviceProgram(program, group, folder);
  } catch (cause) {
    throw unavailable(`cannot restrict the devices of the cgroup ${folder}`, { cause });
  }
}
