import { invalid } from "../../base/errors.ts";
import type { ContainerFlags } from "../container_flags.ts";

/** The health check that the `--health-…` flags ask for; durations are nanoseconds, as in the API. */
export function parseHealth(flags: ContainerFlags): Record<string, unknown> | undefined {
  const given = {
    Interval: flags["health-interval"],
    Timeout: flags["health-timeout"],
    StartPeriod: flags["health-start-period"],
    StartInterval: flags["health-start-interval"],
    Retries: flags["health-retries"],
  };
  const command = flags["health-cmd"];
  const health: Record<string, unknown> = {
    ...command !== undefined && command !== "" && { Test: ["CMD-SHELL", command] },
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  if (flags["no-healthcheck"]) {
    if (Object.keys(health).length > 0) throw invalid("--no-healthcheck conflicts with --health-* options");
    return { Test: ["NONE"] };
  }
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value < 0) throw invalid(`--health-${flagName(name)} cannot be negative`);
  }
  return Object.keys(health).length === 0 ? undefined : health;
}

function flagName(field: string): string {
  return field.replace(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
