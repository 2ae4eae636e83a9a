/** The local ends of a copy: what the paths of the user's mean. Symlinks are followed as docker does. */
import { invalid } from "../../base/errors.ts";
import { attempt, attemptIfThere } from "./file_error.ts";
import { absolutePath, cleanPath, splitPath, withEndOf } from "./path.ts";
import type { Destination, Source } from "./plan.ts";

/** As many symlinks as the kernel follows in one path (path_resolution(7)). */
const maximumLinks = 40;

export interface LocalSource extends Source {
  /** What is read; if that is a symlink, then the link itself. */
  readonly path: string;
}

/** A local source; with `followLink` what a symlink leads to, under the link's name. */
export function localSource(given: string, followLink: boolean): LocalSource {
  const asked = absolutePath(given);
  const { name } = splitPath(asked);
  const path = followLink ? withEndOf(asked, followed(asked)) : asked;
  const { isDirectory } = attempt("lstat", path, () => Deno.lstatSync(path));
  return { path, name: name === "/" ? "." : name, isDirectory };
}

/** A local destination. @throws `not_found` when that could not be made, since the directory that it is in is not there */
export function localDestination(given: string): Destination {
  const path = followed(absolutePath(given));
  const there = attemptIfThere("lstat", path, () => Deno.lstatSync(path));
  if (there !== undefined) return { path, exists: true, isDirectory: there.isDirectory };
  const { folder } = splitPath(path);
  if (!attempt("stat", folder, () => Deno.statSync(folder)).isDirectory) throw invalid("not a directory");
  return { path, exists: false, isDirectory: false };
}

/** What can be said of a destination before anything is asked for. @throws `invalid` */
export function checkLocalDestination(given: string): void {
  const path = absolutePath(given);
  const { folder } = splitPath(cleanPath(path));
  if (attemptIfThere("stat", folder, () => Deno.statSync(folder)) === undefined) {
    throw invalid(`invalid output path: directory ${JSON.stringify(folder)} does not exist`);
  }
  const there = attemptIfThere("stat", path, () => Deno.statSync(path));
  if (there?.isBlockDevice || there?.isCharDevice) {
    const rule = `${JSON.stringify(path)} must be a directory or a regular file`;
    throw invalid(`invalid output path: ${rule}: got a device`);
  }
}

/** Where a path leads whose last name may be a symlink, and that link's target, and so on; the end may be missing. */
function followed(path: string): string {
  let at = path;
  for (let links = 0; links <= maximumLinks; links++) {
    const current = at;
    if (attemptIfThere("lstat", at, () => Deno.lstatSync(current))?.isSymlink !== true) return at;
    const target = attempt("readlink", at, () => Deno.readLinkSync(current));
    at = target.startsWith("/") ? cleanPath(target) : below(splitPath(at).folder, target);
  }
  throw invalid(`too many symlinks in ${path}`);
}

/** `..` in a link means what is above the directory that it really lies in. */
function below(folder: string, target: string): string {
  return cleanPath(`${attempt("lstat", folder, () => Deno.realPathSync(folder))}/${target}`);
}
