/**
 * Go's text/template as docker's `--format` uses it: fields, methods, pipelines, functions, `if`, `range`, `with`,
 * variables. Nothing on npm has Go's printing and errors, so this is our own.
 */
import { describeError } from "../../base/errors.ts";
import { isTrue, printed, sorted, typeName } from "./go_value.ts";
import { TemplateError } from "./template_error.ts";
import { type FunctionTable, templateFunctions, wrongNumber, wrongType } from "./template_functions.ts";
import { type Command, type Node, parse, type Pipeline, type Term } from "./template_parser.ts";

export interface ExecuteOptions {
  /** What an error calls the type of the data; without it a missing field is told as the missing key of a map. */
  readonly typeName?: string;
  readonly functions?: FunctionTable;
}

/** A template that has been read and may be run on any number of values. */
export class Template {
  readonly #source: string;
  readonly #nodes: readonly Node[];

  /** @throws TemplateError */
  constructor(source: string) {
    this.#source = source;
    this.#nodes = parse(source, (name) => name === "and" || name === "or" || Object.hasOwn(templateFunctions, name));
  }

  /**
   * The text that the template makes of a value.
   * @throws TemplateError
   */
  execute(data: unknown, options: ExecuteOptions = {}): string {
    return new Execution(this.#source, data, options).run(this.#nodes);
  }
}

type Jump = "break" | "continue" | undefined;

/** No value comes from the stage before. */
const nothing = Symbol("nothing");

class Execution {
  readonly #source: string;
  readonly #data: unknown;
  readonly #type: string | undefined;
  readonly #functions: FunctionTable;
  readonly #variables: { name: string; value: unknown }[];
  #output = "";

  constructor(source: string, data: unknown, options: ExecuteOptions) {
    this.#source = source;
    this.#data = data;
    this.#type = options.typeName;
    this.#functions = options.functions ?? templateFunctions;
    this.#variables = [{ name: "$", value: data }];
  }

  run(nodes: readonly Node[]): string {
    this.#list(nodes, this.#data);
    return this.#output;
  }

  #list(nodes: readonly Node[], dot: unknown): Jump {
    for (const node of nodes) {
      const jump = this.#node(node, dot);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  #node(node: Node, dot: unknown): Jump {
    switch (node.kind) {
      case "text":
        this.#output += node.text;
        return undefined;
      case "print": {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length > 0) return undefined;
        this.#output += value === undefined ? "<no value>" : printed(value);
        return undefined;
      }
      case "break":
      case "continue":
        return node.kind;
    }
    const visible = this.#variables.length;
    let jump: Jump;
    if (node.kind === "range") this.#range(node.pipeline, node.body, node.otherwise, dot);
    else {
      const value = this.#pipeline(node.pipeline, dot);
      const inner = node.kind === "with" ? value : dot;
      jump = isTrue(value) ? this.#list(node.body, inner) : this.#list(node.otherwise, dot);
    }
    this.#variables.length = visible;
    return jump;
  }

  #range(pipeline: Pipeline, body: readonly Node[], otherwise: readonly Node[], dot: unknown): void {
    const entries = this.#entries(pipeline, this.#evaluate(pipeline, dot));
    const visible = this.#variables.length;
    for (const [key, value] of entries) {
      const values = pipeline.variables.length === 2 ? [key, value] : [value];
      pipeline.variables.forEach((name, i) => this.#set(name, values[i], pipeline.assigns));
      const jump = this.#list(body, value);
      this.#variables.length = visible;
      if (jump === "break") break;
    }
    if (entries.length === 0) this.#list(otherwise, dot);
  }

  #entries(pipeline: Pipeline, value: unknown): [unknown, unknown][] {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return [...value.entries()];
    if (value instanceof Map) return sorted(value);
    if (typeof value === "object") return sorted(new Map(Object.entries(value)));
    throw this.#error(pipeline.commands.at(-1)?.terms[0] ?? pipeline, `range can't iterate over ${printed(value)}`);
  }

  #pipeline(pipeline: Pipeline, dot: unknown): unknown {
    const value = this.#evaluate(pipeline, dot);
    for (const name of pipeline.variables) this.#set(name, value, pipeline.assigns);
    return value;
  }

  #evaluate(pipeline: Pipeline, dot: unknown): unknown {
    return pipeline.commands.reduce<unknown>((value, command) => this.#command(command, dot, value), nothing);
  }

  #command(command: Command, dot: unknown, final: unknown): unknown {
    const [first, ...rest] = command.terms;
    if (first === undefined) return undefined;
    if (first.kind === "function") return this.#call(first.name, command, rest, dot, final);
    if (first.kind === "fields") {
      const args = rest.map((term) => this.#term(term, dot));
      return this.#fields(first, dot, final === nothing ? args : [...args, final]);
    }
    if (rest.length > 0 || final !== nothing) {
      throw this.#error(first, `can't give argument to non-function ${first.text}`);
    }
    if (first.kind === "nil") throw this.#error(first, "nil is not a command");
    return this.#term(first, dot);
  }

  #term(term: Term, dot: unknown): unknown {
    switch (term.kind) {
      case "dot":
        return dot;
      case "nil":
        return null;
      case "constant":
        return term.value;
      case "variable":
        return this.#variables.findLast(({ name }) => name === term.name)?.value;
      case "pipeline":
        return this.#pipeline(term.pipeline, dot);
      case "function":
        return this.#call(term.name, { terms: [term], at: term.at, text: term.text }, [], dot, nothing);
      case "fields":
        return this.#fields(term, dot, []);
    }
  }

  #fields(term: Term & { kind: "fields" }, dot: unknown, args: readonly unknown[]): unknown {
    const start = this.#term(term.of, dot);
    return term.names.reduce<unknown>(
      (value, name, i) => this.#field(value, name, i === term.names.length - 1 ? args : [], term),
      start,
    );
  }

  #field(value: unknown, name: string, args: readonly unknown[], term: Term): unknown {
    if (value === undefined) return undefined; // what a map has not, has no fields, and Go does not mind
    if (value === null) {
      const parent = term.kind === "fields" ? term.names[term.names.indexOf(name) - 1] : undefined;
      const why = this.#type === undefined && parent !== undefined
        ? `map has no entry for key ${JSON.stringify(parent)}`
        : `nil pointer evaluating interface {}.${name}`;
      throw this.#error(term, why);
    }
    if (typeof value !== "object" || Array.isArray(value)) {
      throw this.#error(
        term,
        `can't evaluate field ${name} in type ${this.#type === undefined ? "interface {}" : typeName(value)}`,
      );
    }
    if (!(value instanceof Map) && !Object.hasOwn(value, name)) {
      const why = this.#type === undefined
        ? `map has no entry for key ${JSON.stringify(name)}`
        : `can't evaluate field ${name} in type ${this.#type}`;
      throw this.#error(term, why);
    }
    const found: unknown = value instanceof Map ? value.get(name) : Reflect.get(value, name);
    if (typeof found === "function") {
      if (found.length !== args.length) {
        throw this.#error(term, `wrong number of args for ${name}: want ${found.length} got ${args.length}`);
      }
      return Reflect.apply(found, value, args);
    }
    if (args.length > 0) throw this.#error(term, `${name} is not a method but has arguments`);
    return found;
  }

  #call(name: string, command: Command, rest: readonly Term[], dot: unknown, final: unknown): unknown {
    if (name === "and" || name === "or") return this.#shortCircuit(name, command, rest, dot, final);
    const args = rest.map((term) => this.#term(term, dot));
    if (final !== nothing) args.push(final);
    const called = this.#functions[name];
    if (called === undefined) throw this.#error(command, `${JSON.stringify(name)} is not a defined function`);
    const number = wrongNumber(name, called, args.length);
    if (number !== undefined) throw this.#error({ at: command.at, text: name }, number);
    for (const [i, arg] of args.entries()) {
      const type = wrongType(called, i, arg);
      if (type !== undefined) throw this.#error(rest[i] ?? command, type);
    }
    try {
      return called.run(...args);
    } catch (error) {
      throw this.#error(command, `error calling ${name}: ${describeError(error)}`);
    }
  }

  /** The first value that decides, else the last. */
  #shortCircuit(name: "and" | "or", command: Command, rest: readonly Term[], dot: unknown, final: unknown): unknown {
    if (rest.length === 0 && final === nothing) {
      throw this.#error(command, `wrong number of args for ${name}: want at least 1 got 0`);
    }
    let value: unknown;
    for (const term of rest) {
      value = this.#term(term, dot);
      if (isTrue(value) === (name === "or")) return value;
    }
    return final === nothing ? value : final;
  }

  #set(name: string, value: unknown, assigns: boolean): void {
    const variable = assigns ? this.#variables.findLast((known) => known.name === name) : undefined;
    if (variable === undefined) this.#variables.push({ name, value });
    else variable.value = value;
  }

  #error(place: { at: number; text: string }, message: string): TemplateError {
    return new TemplateError(this.#source, place, message);
  }
}
