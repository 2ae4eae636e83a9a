/** Text of a Dockerfile's instruction as a shell would read it: words, quotes, backslashes, variables. */
import { invalid } from "../base/errors.ts";

/** What stands for a variable; undefined: it is not set. */
export type Variables = (name: string) => string | undefined;

/** The words: blanks part them, unless a quote or a backslash says otherwise. @throws invalid for a quote that stays open */
export function shellWords(text: string, variables: Variables): string[] {
  return split(text, variables, (char) => /\s/.test(char));
}

/** The text as one word, blanks included. */
export function shellWord(text: string, variables: Variables): string {
  return split(text, variables, () => false)[0] ?? "";
}

function split(text: string, variables: Variables, parts: (char: string) => boolean): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length;) {
    const char = text.charAt(i), next = text.charAt(i + 1);
    let taken = 1;
    if (char === "\\" && next !== "" && (quote === "" || (quote === '"' && '"\\$'.includes(next)))) {
      word = (word ?? "") + next;
      taken = 2;
    } else if (quote !== "" ? char === quote : char === '"' || char === "'") {
      quote = quote === "" ? char : "";
      word ??= "";
    } else if (char === "$" && quote !== "'") {
      const found = substitution(text.slice(i), variables);
      word = (word ?? "") + found.value;
      taken = found.length;
    } else if (quote === "" && parts(char)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
    i += taken;
  }
  if (quote !== "") throw invalid(`unexpected end of statement while looking for matching ${quote}`);
  if (word !== undefined) found.push(word);
  return found;
}

/** `$NAME`, `${NAME}`, and what a shell has for one that is not set (with a colon: or empty): `-`, `+`, `?` and a word. */
const SUBSTITUTION = /^\$(?:(?<plain>\w+)|\{(?<name>\w+)(?:(?<colon>:?)(?<how>[-+?])(?<word>[^}]*))?\})/;

function substitution(text: string, variables: Variables): { value: string; length: number } {
  const match = SUBSTITUTION.exec(text);
  if (match === null) {
    if (text.startsWith("${")) throw invalid(`bad substitution: ${text}`);
    return { value: "$", length: 1 };
  }
  const { plain, name = plain ?? "", colon, how, word = "" } = match.groups ?? {};
  const variable = variables(name);
  const isSet = colon === ":" ? Boolean(variable) : variable !== undefined;
  if (how === "?" && !isSet) throw invalid(`${name}: ${word || "it is not set"}`);
  const usesWord = how === "+" ? isSet : how === "-" && !isSet;
  const value = usesWord ? shellWord(word, variables) : how === "+" ? "" : variable ?? "";
  return { value, length: match[0].length };
}
