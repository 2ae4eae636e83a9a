/**
 * What engine, tape and the next engine agree on about a keeper. Changing it breaks the adoption of containers that an
 * older engine started: raise {@link KEEPER_VERSION} and keep reading the old layout.
 */
export const KEEPER_VERSION = 1;

/**
 * Descriptors of a keeper. 0-2 are /dev/null. Those from `first_of_process` on belong to the container's process and
 * are closed in the keeper after the clone.
 */
export const KEEPER_FD = {
  /** Close-on-exec pipe: 8 bytes {u32 entry, i32 errno} on failure, end-of-file when the command has been exec'd. */
  report: 3,
  /** The record file, see below. */
  record: 4,
  /** Writing end of the process's stdin (absent without `-i`), or the pty's master. */
  stdin: 5,
  /** Reading ends; absent with a terminal. */
  stdout: 6,
  stderr: 7,
  /** A pipe that nothing is written to. Its end-of-file says that the record is complete, or the keeper dead. */
  ended_reader: 8,
  /** Only the keeper holds it (it is close-on-exec for the process), and closes it when the record is written. */
  ended_writer: 9,
  /** A pidfd of the process, from the clone itself: it can be asked for also when the process has ended by then. */
  process: 10,
  first_of_process: 11,
} as const;

/**
 * The record file, little endian: at 0 the pid of the process on the host (u64), written before the keeper closes its
 * report end; at 8 the wait status as wait4 gives it (u64) and at 16 the time of the end (struct timespec,
 * CLOCK_REALTIME), these 24 bytes in one write. So: 8 bytes long while it runs, 32 when it has ended.
 *
 * After that the keeper of a container waits to be killed, so that what the pipes still hold is not lost when no engine
 * runs at that moment; the engine kills it when it has read everything. The keeper of an exec leaves at once.
 */
export const RECORD = { pid: 0, status: 8, seconds: 16, nanoseconds: 24, running: 8, ended: 32 } as const;

/**
 * SIGUSR1 lets the keeper close its end of the process's stdin (once): the engine closes its own, and the process reads
 * end-of-file.
 */
export const CLOSE_STDIN_SIGNAL = 10;
