import assert from "node:assert/strict";
import { result, Room } from "./argument.ts";
import * as call from "./call.ts";
import { ELF_TABLE_ADDRESS, toElf } from "./elf.ts";
import { executor } from "./executor.ts";
import { ENTRY_WORDS, layOut, syscallNumber } from "./layout.ts";
import { NEXT, Place, Tape } from "./tape.ts";

function small(arch: "x86_64" | "aarch64"): Tape {
  const tape = new Tape(arch);
  const end = new Place("end");
  const room = new Room("path", 64);
  const opened = tape.add("open /x", call.openat(call.AT_FDCWD, "/x", 0), "", { onError: end });
  tape.add("close it", call.close(result(opened)), "", { onError: NEXT });
  tape.add("get the folder", call.getcwd(room.at(0), 64), "", { save: { room, offset: 8 } });
  tape.place(end);
  tape.add("leave", call.exitGroup(7), "");
  return tape;
}

Deno.test("an entry holds the number, six arguments, where the result goes, and where it goes on", () => {
  const { table, image, roomSize } = layOut(small("x86_64"), ELF_TABLE_ADDRESS);
  const entry = (i: number) => Array.from(table.subarray(i * ENTRY_WORDS, (i + 1) * ENTRY_WORDS), Number);
  const base = ELF_TABLE_ADDRESS, size = ENTRY_WORDS * 8;
  const text = base + 4 * size, room = text + 8;
  assert.equal(table[1], 0xffff_ffff_ffff_ff9cn); // AT_FDCWD, all 64 bits
  assert.deepEqual([...entry(0).slice(0, 1), ...entry(0).slice(2)], [
    257,
    text,
    0,
    0,
    0,
    0,
    base + size + 8,
    base + 3 * size,
    0,
  ]);
  assert.deepEqual(entry(1), [3, 0, 0, 0, 0, 0, 0, 0, base + 2 * size, 0]);
  assert.deepEqual(entry(2), [79, room, 64, 0, 0, 0, 0, room + 8, 0, 0]);
  assert.deepEqual(entry(3), [231, 7, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(new TextDecoder().decode(image.subarray(4 * size, 4 * size + 3)), "/x\0");
  assert.equal(roomSize, 64);
});

Deno.test("the file is a static ELF: text read-only, data not executable, no stack to execute", () => {
  for (const [arch, machine] of [["x86_64", 62], ["aarch64", 183]] as const) {
    const file = toElf(small(arch));
    const view = new DataView(file.buffer);
    assert.equal(view.getUint32(0), 0x7f454c46);
    assert.deepEqual([view.getUint16(16, true), view.getUint16(18, true)], [2, machine]);
    const headers = [0, 1, 2].map((i) => 64 + i * 56).map((at) => ({
      type: view.getUint32(at, true),
      rights: view.getUint32(at + 4, true),
      offset: view.getUint32(at + 8, true),
      address: view.getUint32(at + 16, true),
      size: view.getUint32(at + 32, true),
    }));
    assert.deepEqual(headers.map(({ rights }) => rights), [5, 6, 6]);
    const [code, data] = headers;
    assert.ok(code && data);
    assert.equal(data.address, ELF_TABLE_ADDRESS);
    assert.equal(data.offset + data.size, file.length);
    assert.equal(data.address % 0x10000, data.offset % 0x10000);
    assert.ok(code.size <= data.offset);
    const entry = view.getUint32(24, true) - code.address;
    assert.deepEqual(file.subarray(entry, entry + 20), executor(arch).subarray(0, 20));
  }
});

Deno.test("equal tapes give equal bytes", () => {
  assert.deepEqual(toElf(small("x86_64")), toElf(small("x86_64")));
});

Deno.test("a text that occurs twice is stored once", () => {
  const tape = new Tape("x86_64");
  tape.add("", call.mkdirat(call.AT_FDCWD, "/same", 0), "");
  const one = toElf(tape).length;
  tape.add("", call.mkdirat(call.AT_FDCWD, "/same", 0), "");
  assert.equal(toElf(tape).length - one, ENTRY_WORDS * 8);
});

Deno.test("a result that is used twice, and a place that is nowhere, are mistakes that show", () => {
  const tape = new Tape("x86_64");
  const opened = tape.add("open it", call.openat(call.AT_FDCWD, "/", 0), "");
  tape.add("", call.close(result(opened)), "");
  assert.throws(() => tape.add("", call.close(result(opened)), ""), { message: /"open it" is used twice/ });
  tape.add("", call.close(0), "", { onError: new Place("nowhere") });
  assert.throws(() => toElf(tape), { message: /"nowhere" is not on it/ });
});

Deno.test("every system call that tapes use exists on both architectures", () => {
  const name = "mount";
  assert.equal(syscallNumber("x86_64", name), 165);
  assert.equal(syscallNumber("aarch64", name), 40);
  assert.throws(() => syscallNumber("aarch64", "dup2"), { message: /aarch64 has no system call dup2/ });
});
