import { invalid } from "../../base/errors.ts";
import type { Fd } from "../../sys/fd.ts";
import { fileSystem, FS_MAGIC } from "../../sys/file_system.ts";

/** What the kernel makes up: there is no end to some of its files, and others are the host's. */
const MADE_UP: ReadonlySet<number> = new Set([
  FS_MAGIC.PROC,
  FS_MAGIC.SYSFS,
  FS_MAGIC.CGROUP,
  FS_MAGIC.CGROUP2,
  FS_MAGIC.DEVPTS,
  FS_MAGIC.MQUEUE,
]);

/** Whether the files there are none that lie anywhere. */
export function isMadeUp(place: Fd): boolean {
  return MADE_UP.has(fileSystem(place).magic);
}

/** @throws `invalid` */
export function refuseMadeUp(place: Fd, path: string): void {
  if (isMadeUp(place)) throw invalid(`/${path} is made up by the kernel: nothing can be copied from or to it`);
}
