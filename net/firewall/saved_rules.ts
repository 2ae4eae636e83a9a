/** What `iptables-save` prints. */
import { type Table, tagOf } from "./rule.ts";

/** A rule that is there; `tag` when it is ours. */
export interface SavedRule {
  readonly text: string;
  readonly tag?: string;
}

/** The chains that are there, by {@link chainKey}, each with its rules in order. */
export type SavedRules = ReadonlyMap<string, readonly SavedRule[]>;

export function chainKey(table: Table | string, chain: string): string {
  return `${table} ${chain}`;
}

/** Reads the output of `iptables-save` (all tables); rules are recognised by the prefix in their comment. */
export function parseSaved(output: string, prefix: string): SavedRules {
  const chains = new Map<string, SavedRule[]>();
  let table = "";
  for (const line of output.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    else if (line.startsWith(":")) chains.set(chainKey(table, line.slice(1, line.indexOf(" "))), []);
    else if (line.startsWith("-A ")) {
      const space = line.indexOf(" ", 3);
      const text = space === -1 ? "" : line.slice(space + 1);
      const tag = tagOf(text, prefix);
      const key = chainKey(table, space === -1 ? line.slice(3) : line.slice(3, space));
      chains.get(key)?.push(tag === undefined ? { text } : { text, tag });
    }
  }
  return chains;
}
