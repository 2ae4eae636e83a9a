/**
 * The flags of a command as a table, and the parser for them, with the semantics of spf13/pflag as docker's CLI has
 * them: `-dti`, `-itw /x`, `-p80:80`, `--name=x`, `--name x`, `--rm=false`, lists by repetition, `--` ends the options.
 * Argument parsers from npm (`@stricli/core` among them) know neither clusters that end in a value nor a stop at the first
 * argument, and their sentences are not docker's; so this is our own.
 */
import { describeError } from "../base/errors.ts";
import { parseBool } from "../base/parse_bool.ts";
import { parseDuration } from "../base/time.ts";
import { parseBinarySize } from "../base/units.ts";
import { parseCpus, parseFloat64, parseInteger, parseUint16 } from "./flag_values.ts";
import { UsageError } from "./usage_error.ts";

/** What the values of each type of flag are in the program. */
interface ValueTypes {
  bool: boolean;
  /** A bool that knows whether it was given: undefined when not. */
  "bool?": boolean;
  string: string;
  /** May be given again and again. */
  list: readonly string[];
  int: number;
  uint16: number;
  float: number;
  /** `64m`; a number of bytes. */
  bytes: number;
  /** `1m30s`; nanoseconds. */
  duration: number;
  /** `1.5`; in units of 10^-9 CPU. */
  cpus: number;
}

export type FlagType = keyof ValueTypes;

export interface Flag {
  readonly type: FlagType;
  readonly help: string;
  /** One letter. */
  readonly short?: string;
  /** Other spellings, not shown in the help: `net` for `network`. */
  readonly aliases?: readonly string[];
  /** Without it the value of a flag that is not given is false (bool), [] (list), undefined (others). */
  readonly default?: string | number | boolean;
  /** What the help calls the value instead of the type: `ulimit`, `map`. */
  readonly shown?: string;
  readonly hidden?: boolean;
  /** Throws an `EngineError` if the text is no value for this flag; of a list, each item. */
  readonly check?: (text: string) => void;
  /** The value that the flag has when it is given without one; then a value can only follow `=`. */
  readonly optional?: string;
  /** For bytes: `-1` is a value too. */
  readonly unlimited?: boolean;
}

/** Flags by their long names, in the order of the help. */
export type FlagTable = Readonly<Record<string, Flag>>;

type FlagValue<F extends Flag> = F["type"] extends "bool" | "list" ? ValueTypes[F["type"]]
  : F extends { readonly default: string | number | boolean } ? ValueTypes[F["type"]]
  : ValueTypes[F["type"]] | undefined;

/** The values that a table of flags (`as const satisfies FlagTable`) gives, by the flags' long names. */
export type FlagValues<T extends FlagTable> = { readonly [Name in keyof T]: FlagValue<T[Name]> };

export interface ParsedFlags {
  readonly values: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
  /** `--help` was among the options. */
  readonly help: boolean;
}

const help: Flag = { type: "bool", help: "Print usage" };

const readers: Readonly<Record<Exclude<FlagType, "list">, (text: string) => unknown>> = {
  "bool": parseBool,
  "bool?": parseBool,
  "string": (text) => text,
  "int": parseInteger,
  "uint16": parseUint16,
  "float": parseFloat64,
  "bytes": parseBinarySize,
  "duration": (text) => Number(parseDuration(text)),
  "cpus": parseCpus,
};

/**
 * Splits a command line into values of flags and arguments. Not interspersed: the options end at the first argument.
 * @throws UsageError in docker's words.
 */
export function parseFlags(table: FlagTable, line: readonly string[], interspersed: boolean): ParsedFlags {
  const parser = new FlagParser(table);
  const rest = [...line];
  const args: string[] = [];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      args.push(...rest);
      break;
    }
    if (arg.startsWith("--")) parser.long(arg, rest);
    else if (arg.startsWith("-") && arg.length > 1) parser.cluster(arg.slice(1), rest);
    else {
      args.push(arg);
      if (interspersed) continue;
      args.push(...rest);
      break;
    }
  }
  return { values: parser.values, args, help: parser.help };
}

class FlagParser {
  help = false;
  readonly values: Record<string, unknown> = {};
  readonly #lists = new Map<string, string[]>();
  readonly #byName = new Map<string, [name: string, flag: Flag]>([["help", ["help", help]]]);
  readonly #byLetter = new Map<string, [name: string, flag: Flag]>([["h", ["help", help]]]);

  constructor(table: FlagTable) {
    for (const [name, flag] of Object.entries(table)) {
      for (const spelling of [name, ...flag.aliases ?? []]) this.#byName.set(spelling, [name, flag]);
      if (flag.short !== undefined) this.#byLetter.set(flag.short, [name, flag]);
      this.values[name] = flag.default ?? (flag.type === "bool" ? false : flag.type === "list" ? [] : undefined);
    }
  }

  /** `--name`, `--name=value` or `--name` with the next word as value. */
  long(arg: string, rest: string[]): void {
    const [, spelling = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (spelling === "" || spelling.startsWith("-")) throw new UsageError(`bad flag syntax: ${arg}`);
    const [name, flag] = this.#byName.get(spelling) ?? [];
    if (name === undefined || flag === undefined) throw new UsageError(`unknown flag: --${spelling}`);
    this.#set(name, flag, value ?? impliedValue(flag) ?? rest.shift(), `flag needs an argument: --${spelling}`);
  }

  /** `-abc`: letters of flags; the first that takes a value takes what follows it, or the next word. */
  cluster(letters: string, rest: string[]): void {
    for (let left = letters; left !== "";) {
      const letter = String.fromCodePoint(left.codePointAt(0) ?? 0);
      const after = left.slice(letter.length);
      const [name, flag] = this.#byLetter.get(letter) ?? [];
      if (name === undefined || flag === undefined) {
        throw new UsageError(`unknown shorthand flag: '${letter}' in -${left}`);
      }
      const joined = after.length > 1 && after.startsWith("=") ? after.slice(1) : undefined;
      const value = joined ?? impliedValue(flag) ?? (after !== "" ? after : rest.shift());
      this.#set(name, flag, value, `flag needs an argument: '${letter}' in -${left}`);
      left = joined === undefined && impliedValue(flag) !== undefined ? after : "";
    }
  }

  #set(name: string, flag: Flag, text: string | undefined, missing: string): void {
    if (text === undefined) throw new UsageError(missing);
    let value: unknown;
    try {
      flag.check?.(text);
      value = this.#read(name, flag, text);
    } catch (error) {
      const shown = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
      const why = describeError(error);
      throw new UsageError(`invalid argument ${JSON.stringify(text)} for ${JSON.stringify(shown)} flag: ${why}`);
    }
    if (flag === help) this.help = value === true;
    else this.values[name] = value;
  }

  #read(name: string, flag: Flag, text: string): unknown {
    if (flag.type === "list") {
      const list = this.#lists.get(name) ?? [];
      this.#lists.set(name, list);
      list.push(text);
      return list;
    }
    if (flag.unlimited === true && text === "-1") return -1;
    return readers[flag.type](text);
  }
}

/** What a flag means that is given without a value; undefined: it needs one. */
function impliedValue(flag: Flag): string | undefined {
  return flag.type === "bool" || flag.type === "bool?" ? "true" : flag.optional;
}
