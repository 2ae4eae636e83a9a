import { S, type Stat, stat } from "../sys/attributes.ts";
import type { Fd } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";

/** What was found at a name, and the way to it, whatever becomes of the name. */
export interface FoundFile extends Disposable {
  readonly stat: Stat;
  /** Opens it for reading, if it is a regular file: the kernel would do things for a device, or wait for a FIFO. */
  open(): Fd;
}

/**
 * Looks at `name` in an open directory where somebody else may put another thing at any moment; a symlink is not followed.
 * Undefined when it is gone.
 */
export function findFile(at: Fd, name: string): FoundFile | undefined {
  using undo = new DisposableStack();
  try {
    const place = undo.use(open(name, O.PATH | O.NOFOLLOW, { at }));
    const found = stat(place);
    undo.move();
    return {
      stat: found,
      open: () => {
        if ((found.mode & S.IFMT) !== S.IFREG) throw new TypeError(`${name} is no regular file`);
        return open(`/proc/self/fd/${place.number}`, O.RDONLY | O.NONBLOCK | O.NOCTTY);
      },
      [Symbol.dispose]: () => place.close(),
    };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ENXIO")) return undefined;
    throw error;
  }
}
