import type { ContainerEngine } from "../../base/container_engine.ts";
import { type Command, defineCommand } from "../command.ts";
import { copy, type Remote } from "./copy.ts";

/** `cp` of containers, or of volumes; `name` is how help calls it. */
export function copyCommand(noun: Remote["noun"], name: string): Command {
  const NOUN = noun.toUpperCase();
  return defineCommand({
    usage: `[OPTIONS] ${NOUN}:SRC_PATH DEST_PATH|-\n\tsauropod ${name} [OPTIONS] SRC_PATH|- ${NOUN}:DEST_PATH`,
    summary: `Copy files/folders between a ${noun} and the local filesystem`,
    details: `Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a ${noun}.
Use '-' as the destination to stream a tar archive of a
${noun} source to stdout.

Source and destination may both be ${noun}s. There may be several sources,
and a path in a ${noun} may be a pattern (quoted): '${NOUN}:/var/log/*.log';
what matches is copied into the destination, which must be a directory then.`,
    flags: {
      "archive": { type: "bool", short: "a", help: "Archive mode (copy all uid/gid information)" },
      "follow-link": { type: "bool", short: "L", help: "Always follow symbol link in SRC_PATH" },
      "quiet": {
        type: "bool?",
        short: "q",
        help:
          "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached",
      },
    },
    args: { min: 2 },
    run(context, flags, args) {
      const options = {
        archive: flags.archive,
        followLink: flags["follow-link"],
        quiet: flags.quiet ?? !context.stdout.isTerminal,
      };
      return copy(context, remoteOf(context.engine, noun), options, args);
    },
  });
}

function remoteOf({ containers, volumes }: ContainerEngine, noun: Remote["noun"]): Remote {
  if (noun === "volume") return { noun, files: volumes, identify: (name) => Promise.resolve(name) };
  return { noun, files: containers, identify: async (id) => (await containers.inspect(id)).Id };
}
