import { invalid } from "../base/errors.ts";

/** PATH_MAX without its NUL. */
const MAXIMUM_PATH = 4095;

/** An empty part, `.` or `..` at either end or between, or a NUL: what most names do not have. */
const ODD = /^$|\0|(^|\/)(\.{0,2})(\/|$)/;

/**
 * The name of a tar entry as a path below the root: without leading or double slashes, `.` or `..`; empty for the root
 * itself. `./x` and `/x` are x, as Docker has it.
 * @throws invalid when `..` would leave the root
 */
export function entryPath(name: string): string {
  if (name.length <= MAXIMUM_PATH && !ODD.test(name)) return name;
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw invalid(`the path ${name} leaves the root`);
  }
  const path = parts.join("/");
  if (name === "" || name.includes("\0") || path.length > MAXIMUM_PATH) {
    throw invalid(`${JSON.stringify(name.slice(0, 200))} is no path`);
  }
  return path;
}

/** A path below the root as its folder (empty: the root) and the last name. */
export function splitPath(path: string): { folder: string; base: string } {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? { folder: "", base: path } : { folder: path.slice(0, slash), base: path.slice(slash + 1) };
}
