import assert from "node:assert/strict";
import { SYSCALLS_AARCH64 } from "./syscalls_aarch64.ts";
import { SYSCALLS_ARM } from "./syscalls_arm.ts";
import { SYSCALLS_I386 } from "./syscalls_i386.ts";
import { SYSCALLS_X32 } from "./syscalls_x32.ts";
import { SYSCALLS_X86_64 } from "./syscalls_x86_64.ts";

const tables: Record<string, Readonly<Record<string, number>>> = {
  aarch64: SYSCALLS_AARCH64,
  arm: SYSCALLS_ARM,
  i386: SYSCALLS_I386,
  x32: SYSCALLS_X32,
  x86_64: SYSCALLS_X86_64,
};

for (const [abi, table] of Object.entries(tables)) {
  Deno.test(`${abi}: no number has two names`, () => {
    assert.equal(new Set(Object.values(table)).size, Object.keys(table).length);
  });
}

Deno.test("calls since Linux 5.1 have the same number everywhere", () => {
  for (const [name, number] of Object.entries(SYSCALLS_AARCH64)) {
    if (number < 424 || name === "memfd_secret" || name === "map_shadow_stack") continue;
    for (const [abi, table] of Object.entries(tables)) assert.equal(table[name], number, `${name} on ${abi}`);
  }
});

for (
  const { header, table, bit } of [
    { header: "unistd_64.h", table: tables["x86_64"], bit: "" },
    { header: "unistd_32.h", table: tables["i386"], bit: "" },
    { header: "unistd_x32.h", table: tables["x32"], bit: "(__X32_SYSCALL_BIT + " },
  ]
) {
  const path = `/usr/include/x86_64-linux-gnu/asm/${header}`;
  const permission = Deno.permissions.querySync({ name: "read", path }).state === "granted";
  Deno.test({
    name: `numbers are those of <asm/${header}> (needs --allow-read and Debian's kernel headers)`,
    ignore: !permission || !exists(path),
    fn() {
      const lines = Deno.readTextFileSync(path).split("\n");
      const prefix = "#define __NR_";
      for (const line of lines.filter((line) => line.startsWith(prefix) && line.includes(bit))) {
        const [name = "", ...number] = line.slice(prefix.length).split(" ");
        assert.equal(table?.[name], parseInt(number.join(" ").replace(bit, "")), name);
      }
    },
  });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
