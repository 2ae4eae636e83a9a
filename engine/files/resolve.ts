/** Paths in a root: what Docker takes them for. */
import { invalid, notFound } from "../../base/errors.ts";
import { type Stat, stat } from "../../sys/attributes.ts";
import { readLink } from "../../sys/directory.ts";
import type { Fd } from "../../sys/fd.ts";
import { O, open, openInRoot } from "../../sys/open.ts";
import { isErrno } from "../../sys/syscall_error.ts";

/** As many symlinks as the kernel follows in one path (path_resolution(7)). */
const MAXIMUM_LINKS = 40;

/** A path as it was asked for, cleaned as Docker does: `..` takes the name before it away, be that a symlink or not. */
export interface AskedPath {
  /** From the root, without a slash at either end; empty: the root. */
  readonly path: string;
  /** The last name of it: empty for the root, `.` where the path ends in `/.`. */
  readonly name: string;
  /** A slash or `/.` at its end: what it leads to is meant, and it must be a directory. */
  readonly directory: boolean;
}

export function askedPath(text: string): AskedPath {
  if (text.includes("\0")) throw invalid(`the path ${JSON.stringify(text)} has a NUL in it`);
  const parts: string[] = [];
  for (const part of text.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const dot = /(^|\/)\.$/.test(text);
  const name = dot ? "." : parts.at(-1) ?? "";
  return { path: parts.join("/"), name, directory: dot || text.endsWith("/") || parts.length === 0 };
}

/** What lies at a path: it, and the directory that it lies in. */
export interface FoundPath extends Disposable {
  /** Opened to be pointed at, whatever becomes of its name. */
  readonly itself: Fd;
  readonly at: Fd;
  /** In that directory; `.` for that itself. */
  readonly name: string;
  readonly stat: Stat;
}

/** Finds it; `of` names where, for Docker's sentence. @throws `not_found` */
export function findPath(root: Fd, asked: AskedPath, of: string): FoundPath {
  const { path, directory } = asked;
  const slash = path.lastIndexOf("/");
  const place = directory
    ? { folder: path, name: "." }
    : { folder: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
  using opened = new DisposableStack();
  try {
    const at = opened.use(openInRoot(root, place.folder || ".", O.PATH | O.DIRECTORY));
    const itself = opened.use(open(place.name, O.PATH | O.NOFOLLOW, { at }));
    const found = stat(itself);
    const held = opened.move();
    return { itself, at, name: place.name, stat: found, [Symbol.dispose]: () => held.dispose() };
  } catch (error) {
    throw isMissing(error) ? notFound(`Could not find the file /${path} in ${of}`) : error;
  }
}

/** Where a path leads when all symlinks are followed, as a path from the root; the end of it may be missing. */
export function followed(root: Fd, path: string): string {
  const left = path.split("/").filter(Boolean).reverse();
  const done: string[] = [];
  let links = 0;
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === ".") continue;
    if (name === "..") {
      done.pop();
      continue;
    }
    const target = links <= MAXIMUM_LINKS ? linkAt(root, done.join("/"), name) : undefined;
    if (target === undefined) {
      done.push(name);
      continue;
    }
    links++;
    if (target.startsWith("/")) done.length = 0;
    left.push(...target.split("/").filter(Boolean).reverse());
  }
  return `/${done.join("/")}`;
}

function linkAt(root: Fd, folder: string, name: string): string | undefined {
  try {
    using at = openInRoot(root, folder || ".", O.PATH | O.DIRECTORY);
    return readLink(at, name);
  } catch (error) {
    if (isMissing(error) || isErrno(error, "EINVAL")) return undefined; // EINVAL: it is no link
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG");
}
