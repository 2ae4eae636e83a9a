import { read } from "../sys/file.ts";
import { O, open } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";

/** Shared by all reads: they are synchronous, and a fresh megabyte for each of ten small files costs more than they. */
const scratch = new Uint8Array(64 << 10);

/** The text of a file of the kernel, however long. */
export function readText(path: string): string {
  using fd = open(path, O.RDONLY);
  const decoder = new TextDecoder();
  let text = "";
  for (let n = read(fd, scratch); n > 0; n = read(fd, scratch)) {
    text += decoder.decode(scratch.subarray(0, n), { stream: true });
  }
  return text;
}

/** The same, empty when the file or its whole group is not there (any more): figures of a dead group are no error. */
export function readTextOrNothing(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV", "EOPNOTSUPP")) return "";
    throw error;
  }
}

/** `name value` lines as numbers. Values above 2^53 lose their last digits, as in every JavaScript client of Docker. */
export function parseFlatKeyed(text: string): Record<string, number> {
  const values: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space > 0) values[line.slice(0, space)] = Number(line.slice(space + 1));
  }
  return values;
}

/** A file that holds one number; undefined when it is missing or says `max`. */
export function readNumber(path: string): number | undefined {
  const text = readTextOrNothing(path).trim();
  return /^-?\d+$/.test(text) ? Number(text) : undefined;
}
