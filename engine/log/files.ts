/** The files of a log: one is written, its name with `.1` is the one before it, and so on. */
import { unlink } from "../../sys/directory.ts";
import { CWD, Fd } from "../../sys/fd.ts";
import { readAt, truncate } from "../../sys/file.ts";
import { O, open } from "../../sys/open.ts";
import { rename } from "../../sys/directory.ts";
import { stat } from "../../sys/attributes.ts";
import { isErrno } from "../../sys/syscall_error.ts";

/** The file with what was written `age` rotations ago. */
export function agedLogFile(file: string, age: number): string {
  return age === 0 ? file : `${file}.${age}`;
}

/** Opens one of the files for reading; undefined when there is none of that age. */
export function openAged(file: string, age: number): Fd | undefined {
  try {
    return open(agedLogFile(file, age), O.RDONLY);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Moves every file one age up, so that the next can be begun; the oldest of `maxFile` goes. */
export function rotate(file: string, maxFile: number): void {
  removeFile(agedLogFile(file, maxFile - 1));
  for (let age = maxFile - 2; age >= 0; age--) {
    try {
      rename(CWD, agedLogFile(file, age), CWD, agedLogFile(file, age + 1));
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
}

/** Removes a file; one that is not there is fine. */
export function removeFile(path: string): void {
  try {
    unlink(CWD, path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

/** Opens the file to write at its end, and cuts off a record that a crash or a full disk left unfinished. */
export function openForAppend(file: string): Fd {
  const fd = open(file, O.RDWR | O.APPEND | O.CREAT, { mode: 0o640 });
  try {
    const { size } = stat(fd);
    const end = endOfRecords(fd, size);
    if (end < size) truncate(fd, end);
    return fd;
  } catch (error) {
    fd.close();
    throw error;
  }
}

/** Where the last whole record ends. */
function endOfRecords(fd: Fd, size: number): number {
  const block = new Uint8Array(4096);
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - block.length);
    const length = readAt(fd, block.subarray(0, end - from), from);
    const newline = block.subarray(0, length).lastIndexOf(0x0a);
    if (newline >= 0) return from + newline + 1;
    end = from;
  }
  return 0;
}
