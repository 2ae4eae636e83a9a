import type { Filters } from "../../base/container_engine.ts";
import { invalid } from "../../base/errors.ts";

type QueryValue = string | number | boolean | bigint | readonly string[] | Filters | undefined;

/**
 * A path of Docker's API with its query. What is undefined or false stays away, a list is repeated, filters become
 * Docker's JSON (`{"label":{"a=b":true}}`).
 */
export function apiPath(path: string, query: Readonly<Record<string, QueryValue>> = {}): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    for (const text of texts(value)) pairs.push(`${name}=${encodeURIComponent(text)}`);
  }
  return `/v1.47${path}${pairs.length > 0 ? "?" : ""}${pairs.join("&")}`;
}

/** The id or name of a container (or exec) as a part of a path. */
export function containerPart(id: string): string {
  if (id === "") throw invalid("invalid container name or ID: value is empty");
  return encodeURIComponent(id.replace(/^\//, ""));
}

/** The id or name of a network as a part of a path. */
export function networkPart(network: string): string {
  if (network === "") throw invalid("invalid network name or ID: value is empty");
  return encodeURIComponent(network);
}

/** The name of a volume as a part of a path. */
export function volumePart(name: string): string {
  if (name === "") throw invalid("invalid volume name: value is empty");
  return encodeURIComponent(name);
}

/** The name of an image: its slashes and colons stand as they are. */
export function imagePart(name: string): string {
  if (name === "") throw invalid("invalid image name: value is empty");
  return name.split("/").map((part) => encodeURIComponent(part).replaceAll("%3A", ":").replaceAll("%40", "@")).join(
    "/",
  );
}

function texts(value: QueryValue): readonly string[] {
  if (value === undefined || value === false || value === "") return [];
  if (value === true) return ["1"];
  if (typeof value !== "object") return [String(value)];
  if (isList(value)) return value;
  const filters = Object.entries(value).filter(([, values]) => values.length > 0)
    .map(([key, values]) => [key, Object.fromEntries(values.map((one) => [one, true]))]);
  return filters.length === 0 ? [] : [JSON.stringify(Object.fromEntries(filters))];
}

function isList(value: readonly string[] | Filters): value is readonly string[] {
  return Array.isArray(value);
}
