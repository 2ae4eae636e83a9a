import type { FlagTable, FlagValues } from "./flags.ts";

/** The flags of `stop` and `restart`. */
export const stopFlags = {
  "signal": { type: "string", short: "s", help: "Signal to send to the container" },
  "timeout": {
    type: "int",
    short: "t",
    aliases: ["time"],
    help: "Seconds to wait before killing the container",
  },
} as const satisfies FlagTable;

/** Their values as the engine takes them. */
export function stopOptions(flags: FlagValues<typeof stopFlags>): { signal?: string; timeout?: number } {
  return {
    ...flags.signal !== undefined && { signal: flags.signal },
    ...flags.timeout !== undefined && { timeout: flags.timeout },
  };
}
