import type { ContainerUpdate } from "../../base/docker/container.ts";
import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { eachName } from "../each_name.ts";
import { parseRestartPolicy } from "../specs/restart.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Update configuration of one or more containers",
  flags: {
    "blkio-weight": {
      type: "uint16",
      help: "Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)",
    },
    "cpu-period": { type: "int", help: "Limit CPU CFS (Completely Fair Scheduler) period" },
    "cpu-quota": { type: "int", help: "Limit CPU CFS (Completely Fair Scheduler) quota" },
    "cpu-rt-period": { type: "int", help: "Limit the CPU real-time period in microseconds" },
    "cpu-rt-runtime": { type: "int", help: "Limit the CPU real-time runtime in microseconds" },
    "cpu-shares": { type: "int", short: "c", help: "CPU shares (relative weight)" },
    "cpus": { type: "cpus", help: "Number of CPUs", shown: "decimal" },
    "cpuset-cpus": { type: "string", help: "CPUs in which to allow execution (0-3, 0,1)" },
    "cpuset-mems": { type: "string", help: "MEMs in which to allow execution (0-3, 0,1)" },
    "memory": { type: "bytes", short: "m", help: "Memory limit" },
    "memory-reservation": { type: "bytes", help: "Memory soft limit" },
    "memory-swap": {
      type: "bytes",
      unlimited: true,
      help: "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
    },
    "pids-limit": { type: "int", help: "Tune container pids limit (set -1 for unlimited)" },
    "restart": { type: "string", help: "Restart policy to apply when a container exits" },
  },
  args: { min: 1 },
  async run(context, flags, containers) {
    const given: Readonly<Record<string, unknown>> = {
      BlkioWeight: flags["blkio-weight"],
      CpuPeriod: flags["cpu-period"],
      CpuQuota: flags["cpu-quota"],
      CpuRealtimePeriod: flags["cpu-rt-period"],
      CpuRealtimeRuntime: flags["cpu-rt-runtime"],
      CpuShares: flags["cpu-shares"],
      NanoCpus: flags.cpus,
      CpusetCpus: flags["cpuset-cpus"],
      CpusetMems: flags["cpuset-mems"],
      Memory: flags.memory,
      MemoryReservation: flags["memory-reservation"],
      MemorySwap: flags["memory-swap"],
      PidsLimit: flags["pids-limit"],
      RestartPolicy: flags.restart === undefined ? undefined : parseRestartPolicy(flags.restart),
    };
    const changes: ContainerUpdate = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    );
    if (Object.keys(changes).length === 0) {
      throw invalid("you must provide one or more flags when using this command");
    }
    const warnings: string[] = [];
    const code = await eachName(context, containers, async (id) => {
      warnings.push(...(await context.engine.containers.update(id, changes)).Warnings ?? []);
    });
    if (warnings.length > 0) context.stdout.print(`${warnings.join("\n")}\n`);
    return code;
  },
});
