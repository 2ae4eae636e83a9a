/** What a terminal does to what is printed on it (termios(3)). Numbers and layout are those of asm-generic/termbits.h. */
import { invoke, libc } from "./libc.ts";

const TCGETS = 0x5401n;
const TCSETS = 0x5402n;
const OPOST = 1;
/** struct termios: four words of flags, input, output, control, local; then the line discipline and 19 characters. */
const SIZE = 36;
const OUTPUT_FLAGS = 1;

/**
 * The terminal passes on what is printed as it is: no `\n` becomes `\r\n` (OPOST off). What prints in a container does
 * that already, on a terminal of its own. `Deno.stdin.setRaw(true)` leaves it on; `setRaw(false)` puts it back.
 */
export function turnOffOutputProcessing(terminal: number): void {
  const termios = new Uint8Array(SIZE);
  const context = (flags: string) => () => ({ object: `descriptor ${terminal}`, flags });
  invoke("ioctl", () => libc().ioctl(terminal, TCGETS, termios), context("TCGETS"));
  const flags = new Uint32Array(termios.buffer);
  flags[OUTPUT_FLAGS] = (flags[OUTPUT_FLAGS] ?? 0) & ~OPOST;
  invoke("ioctl", () => libc().ioctl(terminal, TCSETS, termios), context("TCSETS"));
}
