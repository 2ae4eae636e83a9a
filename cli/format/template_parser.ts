/** Makes a tree of a Go template (text/template, without `define`, `template` and `block`). */
import { TemplateError } from "./template_error.ts";
import { type Token, type TokenKind, tokens } from "./template_lexer.ts";

/** Where a part stands in the template, and how it reads: what an error shows. */
interface Located {
  readonly at: number;
  readonly text: string;
}

export type Term =
  & Located
  & (
    | { readonly kind: "dot" | "nil" }
    | { readonly kind: "constant"; readonly value: string | number | boolean }
    | { readonly kind: "function"; readonly name: string }
    | { readonly kind: "variable"; readonly name: string }
    | { readonly kind: "pipeline"; readonly pipeline: Pipeline }
    /** Fields of `of`, from left to right: `.A.B`, `$x.A`, `(f).A`. */
    | { readonly kind: "fields"; readonly of: Term; readonly names: readonly string[] }
  );

export interface Command extends Located {
  readonly terms: readonly Term[];
}

export interface Pipeline extends Located {
  readonly variables: readonly string[];
  /** `=` and not `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly pipeline: Pipeline }
  | { readonly kind: "break" | "continue" }
  | {
    readonly kind: "if" | "range" | "with";
    readonly pipeline: Pipeline;
    readonly body: readonly Node[];
    readonly otherwise: readonly Node[];
  };

/** @throws TemplateError in Go's words. */
export function parse(source: string, functions: (name: string) => boolean): readonly Node[] {
  return new Parser(source, functions).template();
}

type Keyword = "end" | "else";

class Parser {
  readonly #source: string;
  readonly #isFunction: (name: string) => boolean;
  readonly #tokens: readonly Token[];
  #next = 0;
  #ranges = 0;
  #variables = ["$"];

  constructor(source: string, functions: (name: string) => boolean) {
    this.#source = source;
    this.#isFunction = functions;
    this.#tokens = tokens(source);
  }

  template(): readonly Node[] {
    const [nodes, stop] = this.#list();
    if (stop !== undefined) throw this.#error(`unexpected {{${stop}}}`);
    return nodes;
  }

  /** Nodes up to an `{{end}}`, an `{{else` (the rest of which is still to be read) or the end of the template. */
  #list(): [Node[], Keyword | undefined] {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === "end of template") return [nodes, undefined];
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      const word = this.#peek().kind === "word" ? this.#peek().text : "";
      if (word === "end" || word === "else") {
        this.#take();
        if (word === "end") this.#expect("close", "end");
        return [nodes, word];
      }
      nodes.push(this.#action(word));
    }
  }

  #action(word: string): Node {
    if (word === "if" || word === "range" || word === "with") {
      this.#take();
      return this.#control(word);
    }
    if (word === "break" || word === "continue") {
      this.#take();
      if (this.#ranges === 0) throw this.#error(`{{${word}}} outside {{range}}`);
      this.#expect("close", `{{${word}}}`);
      return { kind: word };
    }
    if (word === "define" || word === "template" || word === "block") throw this.#error(`unexpected {{${word}}}`);
    return { kind: "print", pipeline: this.#pipeline("command", "close") };
  }

  #control(kind: "if" | "range" | "with"): Node {
    const visible = this.#variables.length;
    const pipeline = this.#pipeline(kind, "close");
    if (kind === "range") this.#ranges++;
    const [body, stop] = this.#list();
    if (kind === "range") this.#ranges--;
    let otherwise: readonly Node[] = [];
    if (stop === "else") {
      const next = this.#peek();
      if (next.kind === "word" && next.text === kind && kind !== "range") {
        this.#take();
        otherwise = [this.#control(kind)]; // its {{end}} is this one's too
      } else {
        this.#expect("close", "else");
        const [nodes, end] = this.#list();
        if (end !== "end") throw this.#error(end === undefined ? "unexpected EOF" : "expected end; found {{else}}");
        otherwise = nodes;
      }
    } else if (stop === undefined) throw this.#error("unexpected EOF");
    this.#variables.length = visible;
    return { kind, pipeline, body, otherwise };
  }

  #pipeline(context: string, end: TokenKind): Pipeline {
    const start = this.#peek().at;
    const [variables, assigns] = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === end) {
        if (commands.length === 0) throw this.#error(`missing value for ${context}`);
        this.#take();
        for (const { terms: [first] } of commands.slice(1)) {
          if (first !== undefined && ["constant", "dot", "nil"].includes(first.kind)) {
            throw this.#error(`non executable command in pipeline stage ${commands.length}`);
          }
        }
        if (!assigns) this.#variables.push(...variables);
        return { variables, assigns, commands, ...this.#located(start, token.at) };
      }
      commands.push(this.#command(context, end));
    }
  }

  /** `$x :=`, `$x =`, and for `range` also `$i, $x :=`. */
  #declarations(context: string): [string[], boolean] {
    const [first, second, third, fourth] = this.#tokens.slice(this.#next, this.#next + 4);
    if (first?.kind !== "variable") return [[], false];
    if (second?.kind === ":=" || second?.kind === "=") {
      this.#next += 2;
      return [[first.text], second.kind === "="];
    }
    const pair = second?.kind === "," && third?.kind === "variable";
    if (!pair || (fourth?.kind !== ":=" && fourth?.kind !== "=")) return [[], false];
    if (context !== "range") throw this.#error(`too many declarations in ${context}`);
    this.#next += 4;
    return [[first.text, third.text], fourth.kind === "="];
  }

  #command(context: string, end: TokenKind): Command {
    const start = this.#peek().at;
    const terms: Term[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === "|" || token.kind === end) break;
      if (terms.length > 0 && !token.spaced) throw this.#unexpected(token, "operand");
      terms.push(this.#operand(context));
    }
    if (terms.length === 0) throw this.#error(`missing value for ${context}`);
    const located = this.#located(start, this.#peek().at);
    if (this.#peek().kind === "|") {
      this.#take();
      if (this.#peek().kind === end) throw this.#error(`missing value for ${context}`);
    }
    return { terms, ...located };
  }

  /** A term and the fields that follow it without a space. */
  #operand(context: string): Term {
    const token = this.#take();
    const first = this.#term(token, context);
    const names = token.kind === "field" ? [token.text.slice(1)] : [];
    let at = token.at;
    let field = this.#peek();
    for (; field.kind === "field" && !field.spaced; field = this.#peek()) {
      if (names.length === (token.kind === "field" ? 1 : 0)) at = field.at; // where Go says that a chain stands
      names.push(this.#take().text.slice(1));
    }
    if (names.length === 0) return first;
    if (["nil", "constant"].includes(first.kind)) throw this.#error(`unexpected <${field.text}> after term`);
    const end = this.#tokens[this.#next - 1];
    return {
      kind: "fields",
      of: first,
      names,
      at,
      text: this.#source.slice(token.at, end && end.at + end.text.length),
    };
  }

  #term(token: Token, context: string): Term {
    const { text, at } = token;
    switch (token.kind) {
      case "dot":
      case "field":
        return { kind: "dot", at, text: "." };
      case "string":
      case "character":
      case "number":
        return { kind: "constant", value: this.#constant(token), at, text };
      case "variable":
        if (!this.#variables.includes(text)) throw this.#error(`undefined variable ${JSON.stringify(text)}`);
        return { kind: "variable", name: text, at, text };
      case "(": {
        const pipeline = this.#pipeline("parenthesized pipeline", ")");
        return { kind: "pipeline", pipeline, at, text: `(${pipeline.text})` };
      }
      case "word":
        if (text === "true" || text === "false") return { kind: "constant", value: text === "true", at, text };
        if (text === "nil") return { kind: "nil", at, text };
        if (this.#isFunction(text)) return { kind: "function", name: text, at, text };
        throw this.#error(`function ${JSON.stringify(text)} not defined`);
      default:
        throw this.#unexpected(token, context);
    }
  }

  #constant(token: Token): string | number {
    const { kind, text } = token;
    if (kind === "number") {
      const value = Number(text.replaceAll("_", "").replace(/^\+/, ""));
      if (Number.isNaN(value)) throw this.#error(`bad number syntax: ${JSON.stringify(text)}`);
      return value;
    }
    if (text.startsWith("`")) return text.slice(1, -1);
    const value = unquote(text.slice(1, -1));
    if (value === undefined) throw this.#error("invalid syntax");
    return kind === "character" ? value.codePointAt(0) ?? 0 : value;
  }

  #expect(kind: TokenKind, context: string): void {
    const token = this.#take();
    if (token.kind !== kind) throw this.#unexpected(token, context);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: "end of template", text: "EOF", at: this.#source.length, spaced: false };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  #located(start: number, end: number): Located {
    return { at: start, text: this.#source.slice(start, end).trim() };
  }

  #unexpected(token: Token, context: string): TemplateError {
    if (token.kind === "end of template") return this.#error("unexpected EOF");
    const text = token.kind === "string" ? JSON.stringify(token.text) : `<${token.text}>`;
    return this.#error(`unexpected ${text} in ${context}`);
  }

  #error(message: string): TemplateError {
    return new TemplateError(this.#source, this.#tokens[Math.max(0, this.#next - 1)]?.at ?? 0, message);
  }
}

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** The text of a Go string literal without its quotes; undefined if it has an escape that Go does not know. */
function unquote(text: string): string | undefined {
  let known = true;
  const value = text.replace(
    /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|[\s\S])/g,
    (_, code: string) => {
      if (/^[xuU]./.test(code)) return String.fromCodePoint(parseInt(code.slice(1), 16));
      if (/^[0-7]{3}$/.test(code)) return String.fromCodePoint(parseInt(code, 8));
      const character = escapes[code];
      known &&= character !== undefined;
      return character ?? "";
    },
  );
  return known ? value : undefined;
}
