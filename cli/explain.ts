import type { Explained, TapeListing } from "../base/container_engine.ts";
import type { Context } from "./command.ts";
import type { Flag } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

/** `--explain` prints the tape for people, `--explain=json` for programs. */
export const explainFlag = flag("Print the system calls that start the process, with the reason for each");

/** Of commands that start a container: after the tape what was done for its networks, a further object with JSON. */
export const explainStartFlag = flag(
  "Print the system calls that start the process, then what was done for its network, with the reason for each",
);

/** Of commands that change a network. */
export const explainNetworkFlag = flag(
  "Print the netlink messages, settings, firewall rules and DNS names in order, with the reason for each",
);

function flag(help: string) {
  return {
    type: "string",
    optional: "text",
    shown: "",
    help: `${help} (--explain=json: for programs)`,
    check: (text: string) => {
      if (text !== "text" && text !== "json") throw new UsageError('it is "text" or "json"');
    },
  } as const satisfies Flag;
}

/** Prints what a start will replay to stderr, where it does not mix with the output of the process. */
export async function explain({ stderr }: Context, form: string | undefined, tape: () => Promise<TapeListing>) {
  if (form === undefined) return;
  const listing = await tape();
  if (form === "json") return stderr.print(`${JSON.stringify(listing)}\n`);
  const { renderTape } = await import("../base/explain.ts");
  stderr.print(renderTape(listing));
}

/** Prints what was done to set up a network, where an engine was asked to tell it and had one to set up. */
export async function explainNetwork({ stderr }: Context, form: string | undefined, explained: Explained) {
  if (form === undefined || explained.Steps === undefined) return;
  const { Steps } = explained;
  if (form === "json") return stderr.print(`${JSON.stringify({ network: Steps })}\n`);
  const { renderNetworkSteps } = await import("../base/explain.ts");
  stderr.print(renderNetworkSteps(Steps));
}

/** Starts a container, and prints what was done for its network. */
export async function startExplained(context: Context, form: string | undefined, id: string) {
  await explainNetwork(context, form, await context.engine.containers.start(id, { explain: form !== undefined }));
}
