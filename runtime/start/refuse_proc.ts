import { invalid } from "../../base/errors.ts";
import { FS_MAGIC, STATFS_SIZE } from "../../sys/file_system.ts";
import { named, Room } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { Place, type Tape } from "../tape/tape.ts";

/**
 * Refuses a mount whose target lies in /proc, be it by a link of the image or of a volume: what is mounted there would
 * pass for the kernel's word, and take the masks with it (CVE-2019-16884, CVE-2025-52881). `held` is a descriptor of the
 * target, to be used where its path could be led elsewhere meanwhile.
 */
export function refuseProc(tape: Tape, target: string, held?: number): void {
  const info = new Room("statfs", STATFS_SIZE);
  const inside = new Place(`${target} is in proc`), outside = new Place(`${target} is not in proc`);
  tape.add(
    `ask what holds ${target}`,
    held === undefined ? call.statfs(target, info.at(0)) : call.fstatfs(held, info.at(0)),
    "links in the path are followed, as the mount will; one that leads nowhere is no danger",
    { onError: outside },
  );
  tape.add(
    "see whether it is proc",
    call.compare(info.at(0), named(FS_MAGIC.PROC, "PROC_SUPER_MAGIC")),
    "f_type comes first in struct statfs",
    { onZero: inside, onError: outside },
  );
  tape.place(inside);
  tape.add(`refuse to mount on ${target}`, call.fchdir(-1), "always fails: nobody mounts in /proc", {
    failure: () => invalid(`invalid mount path: '${target}': it leads into /proc, and nothing can be mounted there`),
  });
  tape.place(outside);
}
