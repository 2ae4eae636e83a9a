import { EngineError } from "../../base/errors.ts";

/** Where in a template, and in what part of it, an execution failed. */
interface Place {
  readonly at: number;
  readonly text: string;
}

/**
 * What is wrong with a template, or with running it, in the words of Go's text/template: `template: :1: unexpected …`,
 * `template: :1:2: executing "" at <.Foo>: …`.
 */
export class TemplateError extends EngineError {
  constructor(source: string, place: number | Place, message: string) {
    const before = source.slice(0, typeof place === "number" ? place : place.at);
    const line = before.split("\n").length;
    const column = before.length - before.lastIndexOf("\n") - 1;
    const where = typeof place === "number" ? `${line}: ` : `${line}:${column}: executing "" at <${place.text}>: `;
    super("invalid", `template: :${where}${message}`);
  }
}
