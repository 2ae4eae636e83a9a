import { errorClass } from "../base/errors.ts";
import type { Context } from "./command.ts";
import { errorText } from "./error_text.ts";

/** So many requests at a time, as docker's CLI. */
const atOnce = 50;

/** What it is that something is not there: a failure, fine but told all the same, or fine. */
type Absence = "fails" | "told" | "fine";

/**
 * Does the same to each container, network or volume and prints, in their order, the name of each that it was done to;
 * `act` may give other words to print. Failures are told on stderr, the others go on; then the exit code is 1. That
 * something is already as it should be is no failure; that it is not there is one unless `absent` says otherwise.
 */
export async function eachName(
  context: Context,
  names: readonly string[],
  act: (name: string) => Promise<string | void>,
  { absent = "fails" }: { readonly absent?: Absence } = {},
): Promise<number> {
  let code = 0;
  for (let from = 0; from < names.length; from += atOnce) {
    const some = names.slice(from, from + atOnce);
    const results = await Promise.allSettled(some.map(act));
    for (const [index, result] of results.entries()) {
      const name = some[index] ?? "";
      const kind = result.status === "rejected" ? errorClass(result.reason) : undefined;
      if (result.status === "fulfilled") context.stdout.print(`${result.value ?? name}\n`);
      else if (kind === "not_modified") context.stdout.print(`${name}\n`);
      else if (kind !== "not_found" || absent !== "fine") {
        context.stderr.print(`${errorText(result.reason)}\n`);
        if (kind !== "not_found" || absent === "fails") code = 1;
      }
    }
  }
  return code;
}
