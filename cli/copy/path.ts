/**
 * Paths as docker takes them: by their text alone, so that `a/../b` is `b` whatever `a` is. What comes after the last
 * name says something: `dir/` must be a directory, `dir/.` means what is in it.
 */

/** The shortest path with the same meaning: no empty names, no `.`, no `..` but at the beginning; empty: `.`. */
export function cleanPath(path: string): string {
  const names: string[] = [];
  const root = path.startsWith("/") ? "/" : "";
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.length > 0 && names.at(-1) !== "..") names.pop();
    else if (root === "") names.push(name);
  }
  return `${root}${names.join("/")}` || ".";
}

/** The last name: `/` of the root, `.` of an empty path and of `dir/.`. */
export function lastName(path: string): string {
  const name = path.replace(/\/+$/, "").replace(/^.*\//s, "");
  return name !== "" ? name : path === "" ? "." : "/";
}

/** The directory that holds what the path names, and its name there: `dir/.` is `.` in `dir`. */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const cleaned = cleanPath(path);
  if (lastName(path) === ".") return { folder: cleaned, name: "." };
  return { folder: cleanPath(cleaned.replace(/[^/]*$/, "")), name: lastName(cleaned) };
}

/** Whether the path, there or not, can only be that of a directory. */
export function namesDirectory(path: string): boolean {
  return path.endsWith("/") || lastName(path) === ".";
}

/** Another path with what comes after the last name of this one: `/` or `/.`. */
export function withEndOf(path: string, other: string): string {
  const folder = other.endsWith("/") ? other : `${other}/`;
  if (lastName(path) === "." && lastName(other) !== ".") return path.endsWith("/") ? `${folder}./` : `${folder}.`;
  return path.endsWith("/") ? folder : other;
}

/** A local path from the root, cleaned up to what comes after its last name. */
export function absolutePath(path: string): string {
  return withEndOf(path, cleanPath(path.startsWith("/") ? path : `${Deno.cwd()}/${path}`));
}
