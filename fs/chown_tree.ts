import { setOwner } from "../sys/attributes.ts";
import { O, open, openInRoot } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { walk } from "./walk.ts";

const FILES_PER_TURN = 200;

/**
 * Gives a file or folder, and all that is in it, to a user. No symlink is followed and no mount entered; what vanishes
 * meanwhile is left out.
 */
export async function chownTree(path: string, uid: number, gid: number): Promise<void> {
  using top = open(path, O.PATH);
  setOwner(top, "", uid, gid);
  if (!Deno.statSync(path).isDirectory) return;
  let files = 0;
  for (const { path: below, files: found } of walk(path)) {
    for (const { name } of found) {
      if (++files % FILES_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      try {
        using folder = openInRoot(top, below || ".", O.PATH | O.DIRECTORY | O.NOFOLLOW);
        setOwner(folder, name, uid, gid);
      } catch (error) {
        if (!isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) throw error;
      }
    }
  }
}
