import type { TapeListing } from "../base/container_engine.ts";
import type { Context } from "./command.ts";
import type { Flag } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

/** `--explain` prints the tape for people, `--explain=json` for programs. */
export const explainFlag = {
  type: "string",
  optional: "text",
  shown: "",
  help: "Print the system calls that start the process, with the reason for each (--explain=json: for programs)",
  check: (text: string) => {
    if (text !== "text" && text !== "json") throw new UsageError('it is "text" or "json"');
  },
} as const satisfies Flag;

/** Prints what a start will replay to stderr, where it does not mix with the output of the process. */
export async function explain({ stderr }: Context, form: string | undefined, tape: () => Promise<TapeListing>) {
  if (form === undefined) return;
  const listing = await tape();
  if (form === "json") return stderr.print(`${JSON.stringify(listing)}\n`);
  const { renderTape } = await import("../base/explain.ts");
  stderr.print(renderTape(listing));
}
