import type { Bytes } from "../../base/container_engine.ts";
import type { MachineArch } from "../seccomp/abi.ts";

/** The addresses of two words, below 2^32: where a program puts what it finds on its stack. */
export interface StartWords {
  /** For the address of its arguments but the first, which is its name. */
  readonly arguments: number;
  readonly environment: number;
}

/**
 * The machine code that a program begins with if it passes its own arguments and environment on, as `execve` takes them.
 * Its source lies beside this file, starter_x86_64.s and starter_aarch64.s; a test assembles it and compares.
 */
export function starter(arch: MachineArch, words: StartWords): Bytes {
  const code = Uint8Array.fromHex(CODE[arch]);
  const view = new DataView(code.buffer);
  for (const [i, address] of [words.arguments, words.environment].entries()) PUT[arch](view, i, address);
  return code;
}

const CODE: Readonly<Record<MachineArch, string>> = {
  x86_64: "488d4424104889042500000000488b0c24488d44cc104889042500000000",
  aarch64: "e0430091010080d20100a0f2200000f9e20340f9000c028b010080d20100a0f2200000f9",
};

/** Puts the `i`th address into the code: a 32-bit displacement; 16 bits in each of two instructions. */
const PUT: Readonly<Record<MachineArch, (code: DataView, i: number, address: number) => void>> = {
  x86_64(code, i, address) {
    code.setUint32([9, 26][i] ?? NaN, address, true);
  },
  aarch64(code, i, address) {
    const at = [4, 24][i] ?? NaN;
    for (const [j, half] of [address & 0xffff, address >>> 16].entries()) {
      code.setUint32(at + 4 * j, (code.getUint32(at + 4 * j, true) | (half << 5)) >>> 0, true);
    }
  },
};
