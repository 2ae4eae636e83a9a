import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
  summary: "Create a new image from a container's changes",
  flags: {
    author: { type: "string", short: "a", help: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")' },
    change: { type: "list", short: "c", help: "Apply Dockerfile instruction to the created image" },
    message: { type: "string", short: "m", help: "Commit message" },
    "no-pause": { type: "bool", help: "Disable pausing container during commit" },
    pause: { type: "bool", short: "p", help: "Pause container during commit", default: true },
  },
  args: { min: 1, max: 2 },
  interspersed: false,
  async run(context, flags, [container = "", reference]) {
    const { author, change, message, pause } = flags;
    const { Id } = await context.engine.containers.commit(container, {
      changes: change,
      pause: pause && !flags["no-pause"],
      ...(reference === undefined ? {} : { reference }),
      ...(author === undefined ? {} : { author }),
      ...(message === undefined ? {} : { comment: message }),
    });
    context.stdout.print(`${Id}\n`);
    return 0;
  },
});
