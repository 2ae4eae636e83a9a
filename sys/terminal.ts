/** Pseudo terminals (ioctl_tty(2)). The numbers are those of asm-generic/ioctls.h, for x86_64 and aarch64. */
import { Fd } from "./fd.ts";
import { invoke, libc } from "./libc.ts";
import { O } from "./open.ts";

export const TIOC = {
  GWINSZ: 0x5413n,
  SWINSZ: 0x5414n,
  GPTN: 0x80045430n,
  SPTLCK: 0x40045431n,
  GPTPEER: 0x5441n,
} as const;

/** How many characters a terminal shows. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

const context = (fd: Fd, name: keyof typeof TIOC) => () => ({
  object: `descriptor ${fd.number}`,
  flags: `TIOC${name}`,
});

export function windowSize(terminal: Fd): WindowSize {
  const size = new Uint16Array(4); // struct winsize: rows, columns, two that are unused
  const bytes = new Uint8Array(size.buffer);
  invoke("ioctl", () => libc().ioctl(terminal.number, TIOC.GWINSZ, bytes), context(terminal, "GWINSZ"));
  return { rows: size[0] ?? 0, columns: size[1] ?? 0 };
}

/** Sets the size; the foreground processes get SIGWINCH if it changed. Works on either end. */
export function setWindowSize(terminal: Fd, { rows, columns }: WindowSize): void {
  const bytes = new Uint8Array(new Uint16Array([rows, columns, 0, 0]).buffer);
  invoke("ioctl", () => libc().ioctl(terminal.number, TIOC.SWINSZ, bytes), context(terminal, "SWINSZ"));
}

/** N of the /dev/pts/N that belongs to this master. */
export function slaveNumber(master: Fd): number {
  const number = new Uint32Array(1);
  const bytes = new Uint8Array(number.buffer);
  invoke("ioctl", () => libc().ioctl(master.number, TIOC.GPTN, bytes), context(master, "GPTN"));
  return number[0] ?? 0;
}

/** Lets the other end of a new pseudo terminal be opened. */
export function unlockSlave(master: Fd): void {
  const off = new Uint8Array(4);
  invoke("ioctl", () => libc().ioctl(master.number, TIOC.SPTLCK, off), context(master, "SPTLCK"));
}

/**
 * The other end of a pseudo terminal, close-on-exec, not as controlling terminal. It goes by the master's own file
 * system and not by a path, so nobody can put something else in its place (Linux 4.13).
 */
export function openSlave(master: Fd): Fd {
  const flags = BigInt(O.RDWR | O.NOCTTY | O.CLOEXEC);
  return new Fd(
    invoke("ioctl", () => libc().ioctl_number(master.number, TIOC.GPTPEER, flags), context(master, "GPTPEER")),
  );
}
