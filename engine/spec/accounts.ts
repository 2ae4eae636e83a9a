import { Merged } from "../../fs/merged.ts";
import { type AccountFiles, type ResolvedUser, resolveUser } from "../../runtime/users.ts";
import { S, stat } from "../../sys/attributes.ts";
import type { Fd } from "../../sys/fd.ts";
import { readWhole } from "../../sys/file.ts";
import { O, open, openInRoot } from "../../sys/open.ts";
import { isErrno } from "../../sys/syscall_error.ts";

/** Larger account files are cut: nobody has 1 MiB of users, but an image may say so (CVE-2026-47262). */
const LIMIT = 1 << 20;

/** Who `--user` means in a container that does not run: from the files in its layers. */
export function userInLayers(user: string, groupAdd: readonly string[], merged: Merged): ResolvedUser {
  const text = (path: string) => new TextDecoder().decode(merged.readFileInRoot(path, LIMIT) ?? new Uint8Array());
  return resolveUser(user, groupAdd, { passwd: text("/etc/passwd"), group: text("/etc/group") });
}

/** The same in a running container, whose root is `root` (/proc/PID/root). */
export function userInRoot(user: string, groupAdd: readonly string[], root: Fd): ResolvedUser {
  const files: AccountFiles = {
    passwd: readHostileFile(root, "/etc/passwd"),
    group: readHostileFile(root, "/etc/group"),
  };
  return resolveUser(user, groupAdd, files);
}

/** A regular file of a container as text; what is missing, a FIFO or a device is an empty one (CVE-2024-9676). */
function readHostileFile(root: Fd, path: string): string {
  try {
    using place = openInRoot(root, path, O.PATH);
    const { mode, size } = stat(place);
    // Files that the kernel makes up have no size, and some wait for ever: /proc/kmsg.
    if ((mode & S.IFMT) !== S.IFREG || size === 0) return "";
    // That very file, not what the path means by now: to open a device can be enough to do harm.
    using file = open(`/proc/self/fd/${place.number}`, O.RDONLY | O.NONBLOCK);
    return new TextDecoder().decode(readWhole(file, Math.min(LIMIT, size)));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EPERM", "EIO", "EAGAIN")) return "";
    throw error;
  }
}
