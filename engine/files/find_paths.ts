import { invalid } from "../../base/errors.ts";
import { globExpression, isGlob } from "../../base/glob.ts";
import { statIfThere } from "../../fs/union_folder.ts";
import { listDirectory } from "../../sys/directory.ts";
import type { Fd } from "../../sys/fd.ts";
import { O, openInRoot } from "../../sys/open.ts";
import { isMissing } from "./resolve.ts";

/** More paths than this are nobody's intention. */
const MAXIMUM = 100_000;

/**
 * The paths in a root that match a pattern, sorted. A name that begins with a dot is only matched by one that does, as
 * shells have it; `..` is no name.
 * @throws `invalid` for a pattern that is none, or too many paths
 */
export function findPaths(root: Fd, pattern: string): string[] {
  let found = [""];
  for (const part of pattern.split("/").filter((part) => part !== "" && part !== ".")) {
    if (part === "..") throw invalid(`the pattern ${pattern} has .. in it`);
    found = isGlob(part)
      ? found.flatMap((folder) => matches(root, folder, part))
      : found.map((folder) => `${folder}/${part}`).filter((path) => exists(root, path));
    if (found.length > MAXIMUM) throw invalid(`more than ${MAXIMUM} paths match ${pattern}`);
  }
  return found.sort();
}

function matches(root: Fd, folder: string, part: string): string[] {
  const expression = expressionOf(part);
  try {
    using opened = openInRoot(root, folder || ".", O.RDONLY | O.DIRECTORY);
    return [...listDirectory(opened)]
      .filter((name) => name.startsWith(".") === part.startsWith(".") && expression.test(name))
      .map((name) => `${folder}/${name}`);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function exists(root: Fd, path: string): boolean {
  const slash = path.lastIndexOf("/");
  try {
    using folder = openInRoot(root, path.slice(0, slash) || ".", O.PATH | O.DIRECTORY);
    return statIfThere(folder, path.slice(slash + 1)) !== undefined;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function expressionOf(part: string): RegExp {
  try {
    return globExpression(part);
  } catch (cause) {
    throw invalid(`syntax error in pattern: ${part}`, { cause });
  }
}
