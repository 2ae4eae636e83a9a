#!/usr/bin/env -S deno run -A --quiet --no-check
/** The program: the command line, and behind `sauropod engine` the engine, which is loaded only then. */
import { main } from "./cli/main.ts";

if (import.meta.main) {
  Deno.exit(
    await main(Deno.args, {
      rawOutput: async () => (await import("./sys/terminal_output.ts")).turnOffOutputProcessing(0),
      runEngine: async (settings, options) => (await import("./api/engine_process.ts")).runEngine(settings, options),
    }),
  );
}
