/** From the rules that are there to those that should be: the input of one `iptables-restore --noflush`. */
import type { Hook, OwnChain, Rule, Ruleset, Table } from "./rule.ts";
import { chainKey, type SavedRule, type SavedRules } from "./saved_rules.ts";

export interface Changes {
  /** The input for `iptables-restore --noflush`; empty when there is nothing to do. */
  readonly text: string;
  /** What is there afterwards. */
  readonly after: SavedRules;
  /** How many rules of ours are still there that should not be. */
  readonly left: number;
}

/** The protection first: each table is a transaction of its own. */
const TABLES: readonly Table[] = ["filter", "nat"];

/**
 * Computes what has to be done. Rules of ours that are wanted no more go only where `remove` says so, because a deletion
 * waits for the kernel; those of others are left alone.
 */
export function changes(
  actual: SavedRules,
  wanted: Ruleset,
  remove: (rule: SavedRule) => boolean = () => true,
): Changes {
  const after = new Map(actual);
  let text = "", left = 0;
  for (const table of TABLES) {
    const edit = new TableEdit(table, after, remove);
    for (const chain of wanted.chains.filter((chain) => chain.table === table)) edit.chain(chain);
    edit.hooks(wanted.hooks.filter((hook) => hook.table === table));
    text += edit.text();
    left += edit.left;
  }
  return { text, after, left };
}

/** The lines for one table; they are one transaction. */
class TableEdit {
  readonly #table: Table;
  readonly #after: Map<string, readonly SavedRule[]>;
  readonly #remove: (rule: SavedRule) => boolean;
  readonly #declared: string[] = [];
  readonly #lines: string[] = [];
  left = 0;

  constructor(table: Table, after: Map<string, readonly SavedRule[]>, remove: (rule: SavedRule) => boolean) {
    this.#table = table;
    this.#after = after;
    this.#remove = remove;
  }

  chain(chain: OwnChain): void {
    const key = chainKey(this.#table, chain.name);
    const present = this.#after.get(key);
    if (present === undefined) this.#declare(chain.name);
    if (chain.order === "administrator") return;
    if (chain.order === "fixed") this.#fixed(chain, present);
    else this.#newestFirst(chain, present ?? []);
  }

  /** With `--noflush`, to declare a chain that exists is to empty it, within the transaction. */
  #declare(name: string): void {
    this.#declared.push(`:${name} - [0:0]`);
    this.#after.set(chainKey(this.#table, name), []);
  }

  #fixed({ name, rules }: OwnChain, present: readonly SavedRule[] | undefined): void {
    const same = present?.length === rules.length && rules.every(({ tag }, i) => present[i]?.tag === tag);
    if (same) return;
    if (present !== undefined) this.#declare(name);
    for (const { text } of rules) this.#lines.push(`-A ${name} ${text}`);
    this.#after.set(chainKey(this.#table, name), [...rules]);
  }

  #newestFirst({ name, rules }: OwnChain, present: readonly SavedRule[]): void {
    const tags = new Set(rules.map(({ tag }) => tag));
    const kept = this.#prune(name, present, tags);
    const there = new Set(kept.map(({ tag }) => tag));
    const added = uniqueByTag(rules).filter(({ tag }) => !there.has(tag));
    for (const { text } of added) this.#lines.push(`-I ${name} ${text}`);
    this.#after.set(chainKey(this.#table, name), [...added.reverse(), ...kept]);
  }

  /** Deletes what is ours and not among `tags`, or there twice; gives what stays. */
  #prune(name: string, present: readonly SavedRule[], tags: ReadonlySet<string>): SavedRule[] {
    const seen = new Set<string>();
    return present.filter((rule) => {
      if (rule.tag === undefined) return true;
      const good = tags.has(rule.tag) && !seen.has(rule.tag);
      seen.add(rule.tag);
      if (good) return true;
      if (this.#remove(rule)) {
        this.#lines.push(`-D ${name} ${rule.text}`);
        return false;
      }
      this.left++;
      return true;
    });
  }

  hooks(hooks: readonly Hook[]): void {
    for (const chain of this.#builtIn(hooks)) {
      const key = chainKey(this.#table, chain);
      const wanted = hooks.filter((hook) => hook.chain === chain);
      const present = this.#after.get(key) ?? [];
      const misplaced = wanted.filter((hook) => hook.first && !isFirst(hook, present)).map(({ tag }) => tag);
      const tags = new Set(wanted.map(({ tag }) => tag).filter((tag) => !misplaced.includes(tag)));
      const kept = this.#prune(chain, present, tags);
      const added = wanted.filter(({ tag }) => !kept.some((rule) => rule.tag === tag));
      for (const { text } of added) this.#lines.push(`-I ${chain} ${text}`);
      if (kept.length !== present.length || added.length > 0) this.#after.set(key, [...added, ...kept]);
    }
  }

  /** The kernel's chains: those that we hang in, and those where something of ours still does. */
  #builtIn(hooks: readonly Hook[]): Set<string> {
    const found = new Set(hooks.map(({ chain }) => chain));
    for (const [key, rules] of this.#after) {
      const [table, chain = ""] = key.split(" ");
      if (table === this.#table && /^[A-Z]+$/.test(chain) && rules.some(({ tag }) => tag !== undefined)) {
        found.add(chain);
      }
    }
    return found;
  }

  text(): string {
    if (this.#declared.length + this.#lines.length === 0) return "";
    return [`*${this.#table}`, ...this.#declared, ...this.#lines, "COMMIT", ""].join("\n");
  }
}

/** Engines beside this one want to be first as well: they all are, together. */
function isFirst({ tag }: Hook, present: readonly SavedRule[]): boolean {
  const place = present.findIndex((rule) => rule.tag === tag);
  return place === -1 || present.slice(0, place).every(({ text }) => text.includes('--comment "sauropod:'));
}

function uniqueByTag(rules: readonly Rule[]): Rule[] {
  return [...new Map(rules.map((rule) => [rule.tag, rule])).values()];
}

/** What takes away everything of ours. Rules that an administrator has written, and so the chain they are in, stay. */
export function clearing(actual: SavedRules, wanted: Ruleset): string {
  const gone: Ruleset = { chains: [], hooks: [] };
  return TABLES.map((table) => {
    const edit = new TableEdit(table, new Map(actual), () => true);
    edit.hooks(gone.hooks);
    const hooks = edit.text().split("\n").filter((line) => line.startsWith("-D"));
    const own = wanted.chains.filter((chain) => chain.table === table).filter(({ name, order }) => {
      const present = actual.get(chainKey(table, name));
      return present !== undefined && (order !== "administrator" || present.length === 0);
    }).map(({ name }) => name);
    const lines = [...hooks, ...own.map((name) => `-F ${name}`), ...own.map((name) => `-X ${name}`)];
    return lines.length === 0 ? "" : [`*${table}`, ...lines, "COMMIT", ""].join("\n");
  }).join("");
}
