import { unavailable } from "../base/errors.ts";
import { isTooLarge } from "../base/tar/reader.ts";
import type { Fd } from "../sys/fd.ts";
import { fileSystem } from "../sys/file_system.ts";

/** A part of the free space that is left to others. */
const RESERVE = 0.05;

/** How many bytes an archive may bring to where `folder` lies. @throws `unavailable` when no inode is free there */
export function roomIn(folder: Fd): number {
  const { freeBytes, freeInodes, totalInodes } = fileSystem(folder);
  // File systems that make inodes as they go (btrfs) say that they have none at all.
  if (freeInodes === 0 && totalInodes > 0) throw unavailable("no space left on device: no inode is free");
  return Math.floor(freeBytes * (1 - RESERVE));
}

/** The error of an archive whose limit was {@link roomIn}: more than fits is a full disk, and not its fault. */
export function asFullDisk(cause: unknown): unknown {
  return isTooLarge(cause) ? unavailable("no space left on device", { cause }) : cause;
}
