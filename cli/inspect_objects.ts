/** What all forms of `inspect` share: ask for each object, then print JSON or what a template makes of it. */
import { describeError, errorClass, notFound } from "../base/errors.ts";
import type { Context } from "./command.ts";
import { errorText } from "./error_text.ts";
import { json } from "./format/go_value.ts";
import { fillTemplate, readTemplate } from "./object_template.ts";

/** A place to look for an object; `find` throws `not_found` when it is not there. */
export type Finder = (name: string) => Promise<object>;

export const inspectFormatHelp = `Format output using a custom template:
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template`;

/**
 * Prints the objects, each from the first place that has it, then tells of those that are nowhere. Gives the exit code.
 * With one place only, its own words say what is missing.
 * @throws UsageError 64 for a template that cannot be read.
 */
export async function inspectObjects(
  context: Context,
  names: readonly string[],
  format: string,
  finders: readonly Finder[],
): Promise<number> {
  const template = format === "json" ? undefined : readTemplate(format);
  const objects: object[] = [];
  let text = "";
  const failures: string[] = [];
  for (const name of names) {
    try {
      const object = await find(name, finders);
      objects.push(object);
      if (template !== undefined) text += `${fillTemplate(template, object)}\n`;
    } catch (error) {
      failures.push(errorText(error));
    }
  }
  if (template !== undefined) context.stdout.print(text === "" ? "\n" : text);
  else context.stdout.print(`${format === "json" ? json(objects) : JSON.stringify(objects, undefined, 4)}\n`);
  if (failures.length === 0) return 0;
  context.stderr.print(`${failures.join("\n")}\n`);
  return 1;
}

async function find(name: string, finders: readonly Finder[]): Promise<object> {
  for (const finder of finders) {
    try {
      return await finder(name);
    } catch (error) {
      // What is no name of an image may still be that of something else.
      const skippable = errorClass(error) === "not_found" || describeError(error).includes("invalid reference format");
      if (finders.length === 1 || !skippable) throw error;
    }
  }
  throw notFound(`Error: No such object: ${name}`);
}
