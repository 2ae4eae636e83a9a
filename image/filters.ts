import type { Filters } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";
import { globExpression } from "../base/glob.ts";
import { hasLabel } from "../base/labels.ts";
import { parseRfc3339, parseTimestamp } from "../base/time.ts";
import { nowNanoseconds } from "../base/timestamps.ts";
import type { ImageRow } from "./catalog.ts";
import { configOf, getImage } from "./find.ts";
import { familiar, familiarName, parseReference } from "./reference.ts";
import type { Shelf } from "./shelf.ts";

/** @throws invalid in Docker's words for a filter that is not in `accepted` */
export function checkFilters(filters: Filters, accepted: readonly string[]): void {
  const unknown = Object.keys(filters).find((key) => !accepted.includes(key));
  if (unknown !== undefined) throw invalid(`invalid filter '${unknown}'`);
}

/** A filter that is true or false; undefined when it is not given. */
export function booleanFilter(filters: Filters, key: string): boolean | undefined {
  const values = filters[key] ?? [];
  if (values.length === 0) return undefined;
  const [yes, no] = [["1", "t", "true", "True", "TRUE"], ["0", "f", "false", "False", "FALSE"]];
  if (values.every((value) => yes.includes(value))) return true;
  if (values.every((value) => no.includes(value))) return false;
  throw invalid(`invalid filter '${key}=[${values.join(" ")}]'`);
}

/** Nanoseconds since 1970 of an image's creation; 0 when it does not say. */
export function createdAt(created: string | undefined): bigint {
  try {
    return created === undefined || created.startsWith("0001-") ? 0n : parseRfc3339(created);
  } catch {
    return 0n;
  }
}

/** A test of images for `label`, `label!`, `before`, `since`, `until`. @throws `not_found` for images that they name */
export function imageTest(shelf: Shelf, filters: Filters): (image: Pick<ImageRow, "config">) => boolean {
  const moment = (name: string) => createdAt(configOf(shelf, getImage(shelf, name)).created);
  const before = (filters["before"] ?? []).map(moment);
  const since = (filters["since"] ?? []).map(moment);
  const until = (filters["until"] ?? []).map((text) => parseTimestamp(text, nowNanoseconds()));
  return ({ config }) => {
    const created = createdAt(config.created);
    const labels = config.config?.Labels ?? {};
    return before.every((time) => created < time) && since.every((time) => created > time) &&
      until.every((time) => created < time) &&
      (filters["label"] ?? []).every((label) => hasLabel(labels, label)) &&
      !(filters["label!"] ?? []).some((label) => hasLabel(labels, label));
  };
}

/** A test of shown names for the patterns of `reference`: `*` and `?` stop at slashes (Go's path.Match). */
export function nameTest(patterns: readonly string[]): (shown: string) => boolean {
  if (patterns.length === 0) return () => true;
  const expressions = patterns.map(expressionOf);
  return (shown) => {
    const reference = parseReference(shown);
    return expressions.some((pattern) => pattern.test(familiar(reference)) || pattern.test(familiarName(reference)));
  };
}

function expressionOf(pattern: string): RegExp {
  try {
    return globExpression(pattern);
  } catch (cause) {
    throw invalid(`invalid filter 'reference=[${pattern}]'`, { cause });
  }
}
