import type { Fd } from "../../sys/fd.ts";
import { eventfd, writeKernelFile } from "../../sys/file.ts";
import { O, open } from "../../sys/open.ts";
import { parseFlatKeyed, readTextOrNothing } from "../kernel_read.ts";

/** How often the OOM killer took a process (memory.oom_control, `oom_kill`, Linux 4.13). */
export function oomKills(folder: string): number {
  return parseFlatKeyed(readTextOrNothing(`${folder}/memory.oom_control`)).oom_kill ?? 0;
}

/**
 * An eventfd that the kernel counts up when the group is out of memory, just before it chooses whom to kill, and once
 * more when the group is removed (Documentation/admin-guide/cgroup-v1/memory.rst, section 9).
 */
export function watchOom(folder: string): Fd {
  using control = open(`${folder}/memory.oom_control`, O.RDONLY);
  const event = eventfd();
  try {
    writeKernelFile(`${folder}/cgroup.event_control`, `${event.number} ${control.number}`);
    return event;
  } catch (error) {
    event.close();
    throw error;
  }
}
