import type { Bytes } from "../../base/container_engine.ts";
import type { MachineArch } from "../seccomp/abi.ts";
import { executor } from "./executor.ts";
import { layOut } from "./layout.ts";
import { starter } from "./starter.ts";
import type { Tape } from "./tape.ts";

/**
 * The program that replays a tape, as a static ELF of three segments:
 *
 *     file          memory       rights
 *     0x000 header  0x400000     r-x    ELF header, program headers, starter if needed, executor
 *     0x200 tape    0x410200     rw-    table, constants; rooms, which are not in the file
 *                   (stack)      rw-    never executable
 *
 * Addresses are fixed, so the tape needs no relocation. 64 KiB lie between the segments because aarch64 may have pages
 * of that size; address and offset agree modulo that, as mmap wants it.
 */
const TEXT_ADDRESS = 0x40_0000;
const DATA_ADDRESS = 0x41_0000;
const TABLE_OFFSET = 0x200;
const PAGE = 0x1_0000;
/** Where the executor looks for the table; its sources have this number too. */
export const ELF_TABLE_ADDRESS = DATA_ADDRESS + TABLE_OFFSET;

const HEADER_SIZE = 64, PROGRAM_HEADER_SIZE = 56, SEGMENTS = 3;
const CODE_OFFSET = 0xf0;
const MACHINE: Readonly<Record<MachineArch, number>> = { x86_64: 62, aarch64: 183 };
const PT_LOAD = 1, PT_GNU_STACK = 0x6474_e551;
const R = 4, W = 2, X = 1;

/** Serialises a tape into an executable file. */
export function toElf(tape: Tape): Bytes {
  const { image, roomSize, startWords } = layOut(tape, ELF_TABLE_ADDRESS);
  const start = startWords === undefined ? [] : starter(tape.arch, startWords);
  const code = new Uint8Array([...start, ...executor(tape.arch)]);
  const file = new Uint8Array(TABLE_OFFSET + image.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // magic, 64 bit, little endian, version 1
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, MACHINE[tape.arch], true);
  view.setUint32(20, 1, true);
  view.setUint32(24, TEXT_ADDRESS + CODE_OFFSET, true); // entry point
  view.setUint32(32, HEADER_SIZE, true); // program headers
  view.setUint16(52, HEADER_SIZE, true);
  view.setUint16(54, PROGRAM_HEADER_SIZE, true);
  view.setUint16(56, SEGMENTS, true);
  const textSize = CODE_OFFSET + code.length;
  const dataSize = image.length + roomSize;
  const segments = [
    [PT_LOAD, R | X, 0, TEXT_ADDRESS, textSize, textSize, PAGE],
    [PT_LOAD, R | W, TABLE_OFFSET, ELF_TABLE_ADDRESS, image.length, dataSize, PAGE],
    [PT_GNU_STACK, R | W, 0, 0, 0, 0, 16],
  ] as const;
  segments.forEach(([type, rights, offset, address, fileSize, memorySize, alignment], i) => {
    const at = HEADER_SIZE + i * PROGRAM_HEADER_SIZE;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, rights, true);
    view.setUint32(at + 8, offset, true);
    view.setUint32(at + 16, address, true);
    view.setUint32(at + 24, address, true);
    view.setUint32(at + 32, fileSize, true);
    view.setUint32(at + 40, memorySize, true);
    view.setUint32(at + 48, alignment, true);
  });
  file.set(code, CODE_OFFSET);
  file.set(image, TABLE_OFFSET);
  return file;
}
