/** What a tar says of one file, free of how it was encoded. */
import type { Bytes } from "../container_engine.ts";

export type TarEntryType = "file" | "hardlink" | "symlink" | "character" | "block" | "directory" | "fifo";

export interface TarEntry {
  /** As the archive has it: not normalised, maybe hostile. A directory's ends in a slash or not. */
  readonly name: string;
  readonly type: TarEntryType;
  /** Permission bits, set-user-ID, set-group-ID and sticky bit; no S_IFMT bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the file once unpacked, holes included; 0 for all but files. */
  readonly size: number;
  /** Of the last modification, nanoseconds since 1970. */
  readonly modified: bigint;
  /** Target of a symlink, or name of the earlier entry that a hard link names again. */
  readonly linkName: string;
  /** Of a device node. */
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Bytes>;
}

/** Makes an entry from what differs from an empty root-owned file of 1970. */
export function tarEntry(known: Partial<TarEntry> & { name: string }): TarEntry {
  const mode = known.type === "directory" ? 0o755 : 0o644;
  const base = { type: "file", mode, uid: 0, gid: 0, size: 0, modified: 0n, linkName: "", major: 0, minor: 0 } as const;
  return { ...base, xattrs: new Map(), ...known };
}
