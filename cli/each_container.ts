import { errorClass } from "../base/errors.ts";
import type { Context } from "./command.ts";
import { errorText } from "./error_text.ts";

/** So many requests at a time, as docker's CLI. */
const atOnce = 50;

/**
 * Does the same to each container (or image) and prints, in their order, the name of each that it was done to; `act` may
 * give other words to print. Failures are told on stderr, the others go on; then the exit code is 1. That something is
 * already as it should be is no failure; nor, with `absentIsFine`, that it is not there, which is told all the same.
 */
export async function eachContainer(
  context: Context,
  names: readonly string[],
  act: (name: string) => Promise<string | void>,
  { absentIsFine = false }: { readonly absentIsFine?: boolean } = {},
): Promise<number> {
  let code = 0;
  for (let from = 0; from < names.length; from += atOnce) {
    const some = names.slice(from, from + atOnce);
    const results = await Promise.allSettled(some.map(act));
    for (const [index, result] of results.entries()) {
      const name = some[index] ?? "";
      if (result.status === "fulfilled") context.stdout.print(`${result.value ?? name}\n`);
      else if (errorClass(result.reason) === "not_modified") context.stdout.print(`${name}\n`);
      else {
        context.stderr.print(`${errorText(result.reason)}\n`);
        if (!absentIsFine || errorClass(result.reason) !== "not_found") code = 1;
      }
    }
  }
  return code;
}
