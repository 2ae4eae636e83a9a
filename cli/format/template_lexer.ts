/** Cuts a Go template into text and the tokens of its actions, trim markers and comments already applied. */
import { TemplateError } from "./template_error.ts";

export type TokenKind =
  | "text"
  | "open"
  | "close"
  | "string"
  | "number"
  | "character"
  | "field"
  | "dot"
  | "variable"
  | "word"
  | "("
  | ")"
  | "|"
  | ","
  | ":="
  | "="
  | "end of template";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset in the template. */
  readonly at: number;
  /** White space stands before it: what tells `.A .B` from `.A.B`. */
  readonly spaced: boolean;
}

/** Letters by `\p{L}` cost milliseconds to compile, and nearly every template is ASCII. */
const asciiRules = rulesWith("A-Za-z", "0-9", "y");
const unicodeRules = () => rulesWith("\\p{L}", "\\p{N}", "uy");

type Rules = readonly [TokenKind | "space", RegExp][];

function rulesWith(letter: string, digit: string, flags: string): Rules {
  const word = `[${letter}_][${letter}${digit}_]*`;
  return [
    ["space", /[ \t\r\n]+/y],
    ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
    ["character", /'(?:[^'\\\n]|\\.)+'/y],
    ["number", /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)/y],
    ["field", new RegExp(`\\.${word}`, flags)],
    ["dot", /\./y],
    ["variable", new RegExp(`\\$[${letter}${digit}_]*`, flags)],
    ["word", new RegExp(word, flags)],
    [":=", /:=/y],
    ["=", /=/y],
    ["(", /\(/y],
    [")", /\)/y],
    ["|", /\|/y],
    [",", /,/y],
  ];
}

/** All tokens of a template; the last is always `end of template`. */
export function tokens(source: string): Token[] {
  const rules = /^[\0-\x7f]*$/.test(source) ? asciiRules : unicodeRules();
  const found: Token[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    const trimBefore = open >= 0 && /^\{\{-[ \t\r\n]/.test(source.slice(open, open + 4));
    let text = source.slice(at, open < 0 ? undefined : open);
    if (trimNext) text = text.trimStart();
    if (trimBefore) text = text.trimEnd();
    if (text !== "") found.push({ kind: "text", text, at, spaced: false });
    if (open < 0) break;
    at = open + (trimBefore ? 3 : 2);
    const comment = /^\s*\/\*/.test(source.slice(at)) ? commentEnd(source, at) : undefined;
    if (comment === undefined) {
      found.push({ kind: "open", text: "{{", at: open, spaced: false });
      at = action(source, at, rules, found);
    } else at = comment;
    trimNext = /[ \t\r\n]-\}\}$/.test(source.slice(Math.max(0, at - 4), at));
  }
  found.push({ kind: "end of template", text: "EOF", at: source.length, spaced: false });
  return found;
}

function commentEnd(source: string, at: number): number {
  const end = source.indexOf("*/", at);
  if (end < 0) throw new TemplateError(source, at, "unclosed comment");
  const close = /^(?:[ \t\r\n]+-)?\}\}/.exec(source.slice(end + 2));
  if (close === null) throw new TemplateError(source, at, "comment ends before closing delimiter");
  return end + 2 + close[0].length;
}

/** Reads the tokens of one action; gives the offset after its `}}`. */
function action(source: string, start: number, rules: Rules, found: Token[]): number {
  let at = start;
  let spaced = false;
  for (;;) {
    const close = /^(?:[ \t\r\n]+-)?\}\}/.exec(source.slice(at, at + 64))?.[0];
    if (close !== undefined) {
      found.push({ kind: "close", text: "}}", at, spaced });
      return at + close.length;
    }
    if (at >= source.length) throw new TemplateError(source, at, "unclosed action");
    const first = ["open", "|"].includes(found.at(-1)?.kind ?? "open");
    const [kind, text] = match(source, at, rules, first ? "command" : "operand");
    if (kind !== "space") found.push({ kind, text, at, spaced });
    spaced = kind === "space";
    at += text.length;
  }
}

function match(
  source: string,
  at: number,
  rules: Rules,
  context: "command" | "operand",
): [TokenKind | "space", string] {
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return [kind, text];
  }
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  if (character === '"') throw new TemplateError(source, at, "unterminated quoted string");
  if (character === "`") throw new TemplateError(source, at, "unterminated raw quoted string");
  if (character === "'") throw new TemplateError(source, at, "unterminated character constant");
  throw new TemplateError(source, at, `unexpected ${JSON.stringify(character)} in ${context}`);
}
