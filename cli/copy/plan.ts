/** Where a copy goes: docker's rules, which are those of cp(1) but for what follows `/.`. */
import { invalid } from "../../base/errors.ts";
import { namesDirectory, splitPath } from "./path.ts";

/** What is copied. */
export interface Source {
  /** How it is called at the destination unless that says otherwise; `.` for what is in a directory. */
  readonly name: string;
  readonly isDirectory: boolean;
}

/** Where it is copied to. */
export interface Destination {
  /** With symlinks resolved that were its last name. */
  readonly path: string;
  readonly exists: boolean;
  readonly isDirectory: boolean;
}

/** A directory, and the name that the source gets in it; `.`: it becomes that directory. */
export interface Target {
  readonly folder: string;
  readonly name: string;
}

/** @throws `invalid` for a directory over a file, and a file as a directory that is not there. */
export function targetOf(source: Source, { path, exists, isDirectory }: Destination): Target {
  if (isDirectory) return { folder: path, name: source.name };
  if (exists && source.isDirectory) throw invalid("cannot copy directory");
  if (!exists && !source.isDirectory && namesDirectory(path)) throw invalid("no such directory");
  return splitPath(path);
}
