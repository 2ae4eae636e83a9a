import type { Fd } from "../../sys/fd.ts";
import { watchFile } from "../../sys/inotify.ts";
import { parseFlatKeyed, readTextOrNothing } from "../kernel_read.ts";

/** How often the OOM killer took a process of this very group, not of one below (memory.events.local, Linux 5.2). */
export function oomKills(folder: string): number {
  const local = readTextOrNothing(`${folder}/memory.events.local`);
  return parseFlatKeyed(local || readTextOrNothing(`${folder}/memory.events`)).oom_kill ?? 0;
}

/** An inotify descriptor on memory.events: any of its counters may have changed. */
export function watchOom(folder: string): Fd {
  return watchFile(`${folder}/memory.events`);
}
