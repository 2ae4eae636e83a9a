/** Which log drivers there are, and what `--log-opt` may say to them. */
import { EngineError, invalid } from "../../base/errors.ts";
import { parseBool } from "../../base/parse_bool.ts";
import { parseDecimalSize } from "../../base/units.ts";

export type LogDriver = "json-file" | "local" | "none";

/** `HostConfig.LogConfig`; an empty type means `json-file`. */
export interface LogConfig {
  readonly Type: string;
  readonly Config: Readonly<Record<string, string>>;
}

/** What a log is kept by. */
export interface LogSettings {
  readonly driver: LogDriver;
  /** Bytes after which a new file is begun. */
  readonly maxSize: number;
  /** How many files are kept, the one that is written among them. */
  readonly maxFile: number;
}

/** Docker lets logs grow until the disk is full; here they are rotated unless told otherwise. */
const DEFAULTS = { maxSize: 10_000_000, maxFile: 3 } as const;

/** Options of every driver (moby, daemon/logger/factory.go). */
const COMMON = ["mode", "max-buffer-size", "cache-disabled", "cache-max-size", "cache-max-file", "cache-compress"];

const OWN = ["max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag"];

const SENTENCE: Readonly<Record<Exclude<LogDriver, "none">, (option: string) => string>> = {
  "json-file": (option) => `unknown log opt '${option}' for json-file log driver`,
  "local": (option) => `unknown log opt '${option}' for log driver local`,
};

/**
 * Checks a log configuration and takes from it what the writer needs.
 * @throws `invalid` in Docker's words: unknown driver, unknown option, bad value.
 */
export function parseLogConfig({ Type, Config }: LogConfig): LogSettings {
  const driver = Type === "" ? "json-file" : Type;
  if (driver !== "json-file" && driver !== "local" && driver !== "none") {
    throw invalid(`logger: no log driver named '${driver}' is registered`);
  }
  if (driver === "none") return { driver, ...DEFAULTS };
  checkMode(Config);
  for (const option of Object.keys(Config)) {
    if (!OWN.includes(option) && !COMMON.includes(option)) throw invalid(SENTENCE[driver](option));
  }
  for (const option of ["labels-regex", "env-regex"]) checkPattern(Config[option] ?? "");
  const maxSize = Config["max-size"] === undefined ? DEFAULTS.maxSize : parseDecimalSize(Config["max-size"]);
  if (maxSize <= 0) throw invalid("max-size must be a positive number");
  const maxFile = Config["max-file"] === undefined ? DEFAULTS.maxFile : integer(Config["max-file"]);
  if (maxFile < 1) throw invalid("max-file cannot be less than 1");
  if (Config["compress"] !== undefined && parseBool(Config["compress"]) && maxFile === 1) {
    throw invalid("compress cannot be true when max-file is less than 2 or max-size is not set");
  }
  return { driver, maxSize, maxFile };
}

/** Checks what a container is to be created with. @throws `invalid` in Docker's words. */
export function checkLogOptions(driver: string, options: LogConfig["Config"]): void {
  parseLogConfig({ Type: driver, Config: options });
}

function checkMode(options: LogConfig["Config"]): void {
  const mode = options["mode"] ?? "";
  if (!["", "blocking", "non-blocking"].includes(mode)) throw invalid(`logger: logging mode not supported: ${mode}`);
  const size = options["max-buffer-size"];
  if (size === undefined) return;
  if (mode !== "non-blocking") {
    throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  }
  try {
    parseDecimalSize(size);
  } catch (error) {
    const reason = error instanceof EngineError ? error.message : String(error);
    throw invalid(`error parsing option max-buffer-size: ${reason}`, { cause: error });
  }
}

/** A pattern of `labels-regex` or `env-regex`. @throws `invalid` when it is none. */
export function checkPattern(text: string): RegExp | undefined {
  if (text === "") return undefined;
  try {
    return new RegExp(text);
  } catch (error) {
    throw invalid(`error parsing regexp: ${text}`, { cause: error });
  }
}

function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
