/** One rule, as `iptables-restore` reads it. */

export type Table = "filter" | "nat";

/** A rule without its place: `-i br0 -j ACCEPT`, with its comment; `tag` stands for the text, and is in the comment. */
export interface Rule {
  readonly text: string;
  readonly tag: string;
}

/** A jump from a chain of the kernel's into one of ours. */
export interface Hook extends Rule {
  readonly table: Table;
  readonly chain: string;
  /** Whether no rule of others may come before it: an early ACCEPT or DROP of theirs would decide instead. */
  readonly first: boolean;
}

/**
 * A chain of ours. `fixed`: exactly these rules in this order. `newest first`: any order, rules that are added go to the
 * front, and so one that waits for its deletion has no say any more. `administrator`: made once and never touched.
 */
export interface OwnChain {
  readonly table: Table;
  readonly name: string;
  readonly order: "fixed" | "newest first" | "administrator";
  readonly rules: readonly Rule[];
}

/** All that should be there, of one family. */
export interface Ruleset {
  readonly chains: readonly OwnChain[];
  readonly hooks: readonly Hook[];
}

/** What comes to one rule. */
export interface RuleParts {
  readonly prefix: string;
  /** What it is for, in words; goes into the comment. */
  readonly purpose: string;
  readonly match?: string;
  readonly target: string;
}

/**
 * Makes a rule with the comment `sauropod:<prefix> <purpose> #<tag>`. Every version of iptables prints a rule in its own
 * way, so rules are told apart by the tag, a hash of the text as we wrote it.
 */
export function rule({ prefix, purpose, match = "", target }: RuleParts): Rule {
  const matches = match === "" ? "" : `${match} `;
  const tag = hash(`${matches}${purpose} ${target}`);
  return { text: `${matches}-m comment --comment "sauropod:${prefix} ${purpose} #${tag}" -j ${target}`, tag };
}

/** The tag of a rule that `iptables-save` prints; undefined when it is not one of `prefix`'s rules. */
export function tagOf(text: string, prefix: string): string | undefined {
  const start = text.indexOf(`--comment "sauropod:${prefix} `);
  return start === -1 ? undefined : /^[^"]*"[^"]* #([0-9a-f]{16})"/.exec(text.slice(start))?.[1];
}

/** FNV-1a twice, with two beginnings: 64 bits without BigInt. */
function hash(text: string): string {
  let a = 0x811c9dc5, b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x01000193) ^ (b >>> 15);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
