/** How the entries of an archive are called when it is unpacked. */
export interface Renaming {
  /** Whether all names begin with that of the source; those of `dir/.` and of a root begin with `.`. */
  readonly hasTop: boolean;
  /** What they are to begin with; `.`: with what follows. */
  readonly top: string;
}

/** The names of a path in an archive; empty for the archive's own directory. */
export function namesIn(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** The names of an entry as it is called from now on. */
export function renamed(names: readonly string[], { hasTop, top }: Renaming): string[] {
  return [...namesIn(top), ...hasTop ? names.slice(1) : names];
}
