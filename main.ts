#!/usr/bin/env -S deno run -A --quiet --no-check
/** The program: the command line, and behind `sauropod engine` the engine, which is loaded only then. */
import { commands } from "./cli/commands.ts";
import { main, wantsOwnProcess } from "./cli/main.ts";
import { isSpent } from "./cli/standard_streams.ts";
import { runCommand } from "./standby/run_command.ts";

if (import.meta.main) {
  const code = await runCommand({
    run: (args) =>
      main(args, {
        rawOutput: async () => (await import("./sys/terminal_output.ts")).turnOffOutputProcessing(0),
        closeOnExec: async () => (await import("./sys/close_on_exec.ts")).closeOthersOnExec(3),
        runEngine: async (settings, options) => (await import("./api/engine_process.ts")).runEngine(settings, options),
      }),
    wantsOwnProcess,
    load: () => Promise.all(commands.map((entry) => entry.load())),
    isSpent,
  });
  Deno.exit(code);
}
