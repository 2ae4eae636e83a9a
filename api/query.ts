/** Query parameters as dockerd reads them. */
import type { Filters } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";
import { parseUnixTimestamp } from "../base/time.ts";

/** The words that mean no; anything else, `False ` among it, means yes (dockerd's httputils.BoolValue). */
const NO = new Set(["", "0", "no", "false", "none"]);

/** The parameters of one request. */
export class Query {
  readonly #values: URLSearchParams;

  constructor(text: string) {
    this.#values = new URLSearchParams(text);
  }

  /** The first value; undefined when there is none or an empty one. */
  text(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }

  /** All values, empty ones left out. */
  list(name: string): string[] {
    return this.#values.getAll(name).filter((value) => value !== "");
  }

  bool(name: string, absent = false): boolean {
    const value = this.#values.get(name);
    return value === null ? absent : !NO.has(value.trim().toLowerCase());
  }

  /**
   * A whole number.
   * @throws `invalid` for anything else that is not empty.
   */
  int(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!/^[+-]?\d+$/.test(value) || !Number.isSafeInteger(number)) {
      throw invalid(`invalid value for parameter ${name}: ${JSON.stringify(value)} is not a whole number`);
    }
    return number;
  }

  /** `seconds` or `seconds.fraction` since 1970, in nanoseconds; nothing means that it is not asked for. */
  time(name: string): bigint | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : parseTime(name, value);
  }

  filters(name = "filters"): Filters {
    return parseFilters(this.text(name));
  }
}

function parseTime(name: string, value: string): bigint {
  try {
    return parseUnixTimestamp(value);
  } catch (cause) {
    throw invalid(`invalid value for parameter ${name}`, { cause });
  }
}

/**
 * Docker's filters: a JSON object of lists, or, from clients before 1.22 and many libraries, of objects whose keys are the values.
 * @throws `invalid` for anything else.
 */
export function parseFilters(json: string | undefined): Filters {
  if (json === undefined) return {};
  const filters: [string, string[]][] = [];
  for (const [key, values] of Object.entries(parseObject(json))) {
    const list = Array.isArray(values) ? values : isObject(values) ? Object.keys(values) : undefined;
    if (list === undefined || !list.every((value) => typeof value === "string")) throw invalid("invalid filter");
    filters.push([key, list]);
  }
  return Object.fromEntries(filters);
}

function parseObject(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid("invalid filter", { cause });
  }
  if (value === null) return {};
  if (!isObject(value) || Array.isArray(value)) throw invalid("invalid filter");
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
