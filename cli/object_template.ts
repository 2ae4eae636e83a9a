/** `--format` of the commands that show objects one by one: a Go template over the fields as the API names them. */
import { shapeForTemplate } from "./format/inspect_shape.ts";
import { templateFailure } from "./format/list_format.ts";
import { Template } from "./format/template.ts";
import { UsageError } from "./usage_error.ts";

/** Docker's exit code for a template that cannot be read. */
export const BAD_TEMPLATE = 64;

/**
 * The template of a format, `json` being short for one; undefined for an empty one, which means docker's own text.
 * @throws UsageError 64 in docker's words.
 */
export function readTemplate(format: string): Template | undefined {
  try {
    return format === "" ? undefined : new Template(format === "json" ? "{{json .}}" : format);
  } catch (error) {
    throw new UsageError(templateFailure(error).message, BAD_TEMPLATE);
  }
}

/** What a template makes of an object, which messages call `typeName`. @throws `invalid` in docker's words. */
export function fillTemplate(template: Template, object: unknown, typeName?: string): string {
  try {
    return template.execute(shapeForTemplate(object), typeName === undefined ? {} : { typeName });
  } catch (error) {
    throw templateFailure(error);
  }
}
