/**
 * Reading the output of a process so that it is not lost when the engine is killed in between: what a pipe holds is
 * looked at (tee), written to the log, and only then taken out. Killed before that, the next engine finds it in the pipe
 * again; killed in the two microseconds between the write and the taking out, it has some lines twice and never none.
 * A terminal cannot be looked into: there it is read at once.
 */
import type { Bytes } from "../../base/container_engine.ts";
import { Fd } from "../../sys/fd.ts";
import { pipe, read } from "../../sys/file.ts";
import { O, open } from "../../sys/open.ts";
import { setPipeSize, splice, tee } from "../../sys/splice.ts";
import { isErrno } from "../../sys/syscall_error.ts";

const TAP_SIZE = 1 << 20;

let shared: { reader: Fd; writer: Fd; sink: Fd; buffer: Bytes } | undefined;

/** One pipe, one buffer for all taps: each use is one synchronous block that leaves the pipe empty. */
function equipment(): NonNullable<typeof shared> {
  if (shared === undefined) {
    const { reader, writer } = pipe(O.NONBLOCK);
    setPipeSize(writer, TAP_SIZE);
    shared = { reader, writer, sink: open("/dev/null", O.WRONLY), buffer: new Uint8Array(TAP_SIZE) };
  }
  return shared;
}

/**
 * Hands over what can be read from `fd` now, up to {@link TAP_SIZE} bytes, and takes it out when `deliver` has returned.
 * The data is only valid during the call. Returns "more", "empty" (nothing there now) or "end".
 */
export function tap(fd: Fd, terminal: boolean, deliver: (data: Bytes) => void): "more" | "empty" | "end" {
  const { reader, writer, sink, buffer } = equipment();
  try {
    if (terminal) {
      const length = read(fd, buffer);
      if (length > 0) deliver(buffer.subarray(0, length));
      return length > 0 ? "more" : "end";
    }
    const length = tee(fd, writer, TAP_SIZE);
    if (length === 0) return "end";
    for (let done = 0; done < length;) done += read(reader, buffer.subarray(done, length));
    deliver(buffer.subarray(0, length));
    for (let left = length; left > 0;) left -= splice(fd, sink, left);
    return "more";
  } catch (error) {
    if (isErrno(error, "EAGAIN")) return "empty";
    if (terminal && isErrno(error, "EIO")) return "end"; // the last process has closed its side (pty(7))
    throw error;
  }
}
