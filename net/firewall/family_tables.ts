/** The tables of one family: what we know to be there, and how it comes to be what it should be. */
import type { Family } from "./firewall_data.ts";
import { changes, clearing } from "./changes.ts";
import type { IptablesCommand } from "./iptables_command.ts";
import type { Ruleset } from "./rule.ts";
import { parseSaved, type SavedRule, type SavedRules } from "./saved_rules.ts";

export interface FamilyTablesOptions {
  readonly family: Family;
  readonly prefix: string;
  readonly command: IptablesCommand;
  /** Gets what `iptables-restore` has been given, after it was accepted. */
  readonly executed: (family: Family, text: string) => void;
}

export class FamilyTables {
  readonly family: Family;
  readonly #prefix: string;
  readonly #command: IptablesCommand;
  readonly #executed: (family: Family, text: string) => void;
  /** Undefined until the tables have been read, and after a failure. */
  #known: SavedRules | undefined;
  #lastOutput = "";

  constructor({ family, prefix, command, executed }: FamilyTablesOptions) {
    this.family = family;
    this.#prefix = prefix;
    this.#command = command;
    this.#executed = executed;
  }

  /**
   * Makes it so, but that rules which are wanted no more stay where `remove` does not name them; gives how many do. The
   * tables are taken to be as we left them: where that is wrong the kernel refuses the change, and they are read.
   */
  async bring(wanted: Ruleset, remove: (rule: SavedRule) => boolean): Promise<number> {
    const fresh = this.#known === undefined;
    if (fresh) await this.#read();
    try {
      return (await this.#change(wanted, remove)).left;
    } catch (error) {
      if (fresh) throw error;
      await this.#read();
      return (await this.#change(wanted, () => true)).left;
    }
  }

  /** Reads the tables and repairs them; whether that was necessary. */
  async look(wanted: Ruleset): Promise<boolean> {
    return await this.#read() && (await this.#change(wanted, () => true)).text !== "";
  }

  /** Whether the tables hold something of ours, from an engine before this one. */
  async inUse(): Promise<boolean> {
    await this.#read();
    return [...this.#known?.values() ?? []].some((rules) => rules.some(({ tag }) => tag !== undefined));
  }

  /** Reads the tables; false when they are what they were at the last look. */
  async #read(): Promise<boolean> {
    const output = (await this.#command.save()).replaceAll(/^#.*\n|\[\d+:\d+\]/gm, ""); // times and counters
    if (this.#known !== undefined && output === this.#lastOutput) return false;
    this.#known = parseSaved(output, this.#prefix);
    this.#lastOutput = output;
    return true;
  }

  async #change(wanted: Ruleset, remove: (rule: SavedRule) => boolean): Promise<{ text: string; left: number }> {
    const { text, after, left } = changes(this.#known ?? new Map(), wanted, remove);
    if (text === "") return { text, left };
    this.#known = undefined;
    this.#lastOutput = "";
    await this.#command.restore(text);
    this.#known = after;
    this.#executed(this.family, text);
    return { text, left };
  }

  /** Takes away all that is ours. */
  async clear(wanted: Ruleset): Promise<void> {
    this.#known = undefined;
    await this.#read();
    const text = clearing(this.#known ?? new Map(), wanted);
    this.#known = undefined;
    if (text === "") return;
    await this.#command.restore(text);
    this.#executed(this.family, text);
  }
}
