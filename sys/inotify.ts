import { Fd } from "./fd.ts";
import { cstring, invoke, libc } from "./libc.ts";
import { O } from "./open.ts";

/** IN_MODIFY: what kernfs reports when the kernel changes a file (cgroup.events, memory.events). */
const IN_MODIFY = 0x2;

/** A descriptor, nonblocking, that becomes readable each time the file at `path` changes (inotify(7)). */
export function watchFile(path: string): Fd {
  const name = cstring(path);
  const watcher = new Fd(invoke("inotify_init1", () => libc().inotify_init1(O.CLOEXEC | O.NONBLOCK)));
  try {
    invoke("inotify_add_watch", () => libc().inotify_add_watch(watcher.number, name, IN_MODIFY), () => ({
      object: path,
      flags: "IN_MODIFY",
    }));
    return watcher;
  } catch (error) {
    watcher.close();
    throw error;
  }
}
