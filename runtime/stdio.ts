/** The streams of a process, made before it is. */
import { conflict, internal } from "../base/errors.ts";
import { S, setOwner, stat } from "../sys/attributes.ts";
import { Fd } from "../sys/fd.ts";
import { pipe } from "../sys/file.ts";
import { FS_MAGIC, fileSystem } from "../sys/file_system.ts";
import { fsconfigCreate, fsconfigString, fsmount, fsopen, MOUNT_ATTR } from "../sys/mount_api.ts";
import { setNonblocking } from "../sys/nonblocking.ts";
import { O, open, openInRoot } from "../sys/open.ts";
import { setPipeSize } from "../sys/splice.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { openSlave, setWindowSize, unlockSlave, type WindowSize } from "../sys/terminal.ts";
import type { Stdio } from "./container_spec.ts";

/** What streams a process gets. */
export interface StdioWish {
  readonly terminal: boolean;
  /** Whether anybody may write to it. Without, and without a terminal, its stdin is /dev/null. */
  readonly stdin: boolean;
  /** Of the terminal; 0 by 0 unless told, as docker has it until the client says. */
  readonly size?: WindowSize;
  /**
   * Whose terminal: of a new container (`new`), or of a running one whose `/` is `root` (an O_PATH descriptor of
   * /proc/PID/root).
   */
  readonly devpts?: "new" | { readonly root: Fd };
}

/**
 * Makes the streams. The engine's ends are nonblocking, the process's are not; all are close-on-exec. Who gets them owns
 * them ({@link closeProcessEnds}, {@link closeStdio}).
 * @throws {EngineError} `conflict` when the container's /dev/pts/ptmx is no such thing
 */
export function makeStdio(wish: StdioWish): Stdio {
  return wish.terminal ? makeTerminal(wish) : makePipes(wish.stdin);
}

/**
 * Room in stdout and stderr: what a process may write while the engine is busy or restarts. More than the 64 KiB of the
 * kernel's default also means fewer turns for a process that writes a lot.
 */
const PIPE_SIZE = 1 << 20;

function makePipes(stdin: boolean): Stdio {
  using undo = new DisposableStack();
  const [stdout, stderr] = [outputPipe(undo), outputPipe(undo)];
  if (!stdin) {
    const nothing = undo.use(open("/dev/null", O.RDONLY));
    undo.move();
    return {
      terminal: false,
      engine: { stdout: stdout.reader, stderr: stderr.reader },
      process: { stdin: nothing, stdout: stdout.writer, stderr: stderr.writer },
    };
  }
  const input = pipe();
  undo.use(input.reader);
  undo.use(input.writer);
  setNonblocking(input.writer);
  undo.move();
  return {
    terminal: false,
    engine: { stdin: input.writer, stdout: stdout.reader, stderr: stderr.reader },
    process: { stdin: input.reader, stdout: stdout.writer, stderr: stderr.writer },
  };
}

function outputPipe(undo: DisposableStack): { reader: Fd; writer: Fd } {
  const { reader, writer } = pipe();
  undo.use(reader);
  undo.use(writer);
  // O_NONBLOCK belongs to the open file, and the ends of a pipe are two: the process's end stays blocking.
  setNonblocking(reader);
  try {
    setPipeSize(reader, PIPE_SIZE);
  } catch (error) {
    if (!isErrno(error, "EPERM", "ENOMEM")) throw error; // then it holds 64 KiB, which is enough to be right
  }
  return { reader, writer };
}

function makeTerminal({ size, devpts = "new" }: StdioWish): Stdio {
  using undo = new DisposableStack();
  const mount = devpts === "new" ? undo.use(newDevpts()) : undefined;
  const master = undo.use(
    devpts === "new" ? openMaster(mount) : reopenMaster(undo.use(findMaster(devpts.root))),
  );
  unlockSlave(master);
  const stdin = undo.use(openSlave(master));
  const [stdout, stderr] = [undo.use(openSlave(master)), undo.use(openSlave(master))];
  setNonblocking(master);
  if (size !== undefined) setWindowSize(master, size);
  undo.move();
  return {
    terminal: true,
    engine: { stdin: master, stdout: master },
    process: { stdin, stdout, stderr },
    ...(mount !== undefined && { devpts: mount }),
  };
}
