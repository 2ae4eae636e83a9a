import type { MachineArch } from "../seccomp/abi.ts";

/**
 * The machine code that replays a tape, at the beginning of every program that the engine starts. Its source lies
 * beside this file, executor_x86_64.s and executor_aarch64.s; a test assembles it and compares.
 */
const CODE: Readonly<Record<MachineArch, string>> = {
  x86_64: "bb00024100488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b30" +
    "0f05483d01f0ffff7320488b4b384885c974034889014885c07509488b4b4848" +
    "85c9750f4883c350ebbb488b4b404885c974054889cbebadf7d8508d8300febe" +
    "ff31d2b950000000f7f148c124242048090424b801000000bf030000004889e6" +
    "ba080000000f05b8e7000000bf010000000f05",
  aarch64: "144080d23408a0f2f30314aa680240a9610a41a9631242a9652643a9010000d4" +
    "6a2e44a91ffc3fb122010054490000b4200100f9400000b56b0000b573420191" +
    "f3ffff17f3030baaf1ffff176a0000b4f3030aaaeeffff17e103004b600214cb" +
    "020a80d20008c29ae007be29600080d2e1030091020180d2080880d2010000d4" +
    "200080d2c80b80d2010000d4",
};

/** The executor for a machine. */
export function executor(arch: MachineArch): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(CODE[arch]);
}
