/** The streams of a process, made before it is. */
import { conflict } from "../base/errors.ts";
import { S, setOwner, stat } from "../sys/attributes.ts";
import { duplicate, Fd } from "../sys/fd.ts";
import { pipe } from "../sys/file.ts";
import { fileSystem, FS_MAGIC } from "../sys/file_system.ts";
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
  /** The uid that the process will have, see {@link ownStreams}; root's unless told. */
  readonly owner?: number;
}

/**
 * Makes the streams. The engine's ends are nonblocking, the process's are not; all are close-on-exec. Who gets them owns
 * them ({@link closeProcessEnds}, {@link closeStdio}).
 * @throws {EngineError} `conflict` when the container's /dev/pts/ptmx is no such thing
 */
export function makeStdio(wish: StdioWish): Stdio {
  const stdio = wish.terminal ? makeTerminal(wish) : makePipes(wish.stdin);
  if (wish.owner !== undefined && wish.owner !== 0) ownStreams(stdio, wish.owner);
  return stdio;
}

/**
 * Gives the streams of the process to user `uid` (of the host). It could read and write them anyway; but who opens
 * /dev/stdout or its terminal anew, as many a web server does for its log, is asked for the owner's permission.
 */
export function ownStreams(stdio: Stdio, uid: number): void {
  const { stdin, stdout, stderr } = stdio.process;
  // /dev/null is the host's and stays root's; the three streams of a terminal are one file.
  const own = stdio.terminal ? [stdin] : stdio.engine.stdin === undefined ? [stdout, stderr] : [stdin, stdout, stderr];
  for (const fd of own) setOwner(fd, "", uid, SAME_GROUP);
}

/** (gid_t) -1: the group stays (chown(2)); a terminal's is tty. */
const SAME_GROUP = 0xffff_ffff;

/** Closes what the process has got by now: only so the engine ever reads end-of-file. */
export function closeProcessEnds({ process, devpts }: Stdio): void {
  for (const fd of [process.stdin, process.stdout, process.stderr, devpts]) fd?.close();
}

/** Closes all of it, for a start that failed. */
export function closeStdio(stdio: Stdio): void {
  closeProcessEnds(stdio);
  const { stdin, stdout, stderr } = stdio.engine;
  for (const fd of [stdin, stdout, stderr]) fd?.close();
}

/**
 * Room in stdout and stderr: what a process may write while the engine is busy or restarts. More than the 64 KiB of the
 * kernel's default also means fewer turns for a process that writes a lot.
 */
const PIPE_SIZE = 1 << 20;

function makePipes(interactive: boolean): Stdio {
  using undo = new DisposableStack();
  const [stdout, stderr] = [outputPipe(undo), outputPipe(undo)];
  const input = interactive ? inputPipe(undo) : { reader: undo.use(open("/dev/null", O.RDONLY)) };
  undo.move();
  return {
    terminal: false,
    engine: { ...("writer" in input && { stdin: input.writer }), stdout: stdout.reader, stderr: stderr.reader },
    process: { stdin: input.reader, stdout: stdout.writer, stderr: stderr.writer },
  };
}

// O_NONBLOCK belongs to the open file, and the two ends of a pipe are two: the process's end stays blocking.

function inputPipe(undo: DisposableStack): { reader: Fd; writer: Fd } {
  const { reader, writer } = pipe();
  undo.use(reader);
  undo.use(writer);
  setNonblocking(writer);
  return { reader, writer };
}

function outputPipe(undo: DisposableStack): { reader: Fd; writer: Fd } {
  const { reader, writer } = pipe();
  undo.use(reader);
  undo.use(writer);
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
  const { master, mount }: OpenTerminal = devpts === "new"
    ? newTerminal(undo)
    : { master: undo.use(openMasterIn(devpts.root)) };
  unlockSlave(master);
  setNonblocking(master);
  if (size !== undefined) setWindowSize(master, size);
  const stdin = undo.use(openSlave(master));
  const [stdout, stderr] = [undo.use(duplicate(stdin)), undo.use(duplicate(stdin))];
  undo.move();
  return {
    terminal: true,
    engine: { stdin: master },
    process: { stdin, stdout, stderr },
    ...(mount !== undefined && { devpts: mount }),
  };
}

/** Not as the engine's own controlling terminal. */
const MASTER = O.RDWR | O.NOCTTY;

interface OpenTerminal {
  readonly master: Fd;
  readonly mount?: Fd;
}

function newTerminal(undo: DisposableStack): OpenTerminal {
  const mount = undo.use(newDevpts());
  return { master: undo.use(open("ptmx", MASTER, { at: mount })), mount };
}

/** A devpts of its own (each mount is, since Linux 4.7), with the options that every distribution gives to its /dev/pts. */
function newDevpts(): Fd {
  using context = fsopen("devpts");
  fsconfigString(context, "ptmxmode", "0666");
  fsconfigString(context, "mode", "0620");
  fsconfigString(context, "gid", "5"); // tty, the same number everywhere
  fsconfigCreate(context);
  return fsmount(context, MOUNT_ATTR.NOSUID | MOUNT_ATTR.NOEXEC);
}

/**
 * A new terminal of a running container. Its processes may have put anything at /dev/pts/ptmx, a device of the host or a
 * path that leads there, so what it is is checked on a descriptor that opens nothing yet, and that very file is opened
 * (CVE-2025-52565).
 */
function openMasterIn(root: Fd): Fd {
  using found = openInRoot(root, "/dev/pts/ptmx", O.PATH | O.NOFOLLOW);
  const { mode, major, minor } = stat(found);
  const isMaster = (mode & S.IFMT) === S.IFCHR && major === 5 && minor === 2;
  if (!isMaster || fileSystem(found).magic !== FS_MAGIC.DEVPTS) {
    throw conflict("no terminal: /dev/pts/ptmx in the container is not that of a devpts file system");
  }
  return open(`/proc/self/fd/${found.number}`, MASTER);
}
