/** The executor: assembled anew, and run by the kernel. */
import assert from "node:assert/strict";
import { executor } from "../../runtime/tape/executor.ts";
import {
  addressOf,
  bytes,
  LATER,
  named,
  NULL,
  OWN_ARGUMENTS,
  OWN_ENVIRONMENT,
  result,
  Room,
  Slot,
} from "../../runtime/tape/argument.ts";
import * as call from "../../runtime/tape/call.ts";
import { toElf } from "../../runtime/tape/elf.ts";
import { starter } from "../../runtime/tape/starter.ts";
import { NEXT, Place, Tape } from "../../runtime/tape/tape.ts";
import { output, run } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const here = new URL("../../runtime/tape/", import.meta.url).pathname;

for (
  const [arch, prefix] of [
    ["x86_64", Deno.build.arch === "x86_64" ? "" : "x86_64-linux-gnu-"],
    ["aarch64", Deno.build.arch === "aarch64" ? "" : "aarch64-linux-gnu-"],
  ] as const
) {
  Deno.test({
    name: `the bytes of the executor and the starter for ${arch} are what GNU as makes of their sources`,
    ...requires({ command: [`${prefix}as`, `${prefix}objcopy`] }),
    async fn() {
      assert.deepEqual(executor(arch), await assembled(prefix, `executor_${arch}`));
      const words = { arguments: 0x1234_5678, environment: 0x7abc_def0 };
      assert.deepEqual(starter(arch, words), await assembled(prefix, `starter_${arch}`, words));
    },
  });
}

/** What GNU as makes of a source beside the tape, the names in it having these values. */
async function assembled(prefix: string, name: string, names: object = {}): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir();
  try {
    const symbols = Object.entries(names).flatMap(([name, value]) => ["--defsym", `${name}=${value}`]);
    await run([`${prefix}as`, ...symbols, "-o", `${folder}/x.o`, `${here}${name}.s`]);
    await run([`${prefix}objcopy`, "-O", "binary", "-j", ".text", `${folder}/x.o`, `${folder}/x.bin`]);
    return await Deno.readFile(`${folder}/x.bin`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a tape from a file; what it reports to descriptor 3 is read from a file, too. */
async function replay(tape: Tape, args = ""): Promise<{ code: number; stdout: string; report: Uint8Array }> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/program`, toElf(tape), { mode: 0o755 });
    const { code, stdout } = await output(["sh", "-c", `GREETING=hello ${folder}/program ${args} 3>${folder}/report`]);
    return { code, stdout, report: await Deno.readFile(`${folder}/report`) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const tapeOf = () => new Tape(Deno.build.arch);

Deno.test("a tape runs from step to step, and a result goes into a later argument", async () => {
  const tape = tapeOf();
  const copy = tape.add("", call.dup3(1, 9, { closeOnExec: false }), "");
  tape.add("", call.write(result(copy), "hello\n", 6), "");
  tape.add("", call.exitGroup(5), "");
  assert.deepEqual(await replay(tape), { code: 5, stdout: "hello\n", report: new Uint8Array() });
});

Deno.test("the first failure ends the program and reports the step and the error number", async () => {
  const tape = tapeOf();
  tape.add("", call.getpid(), "");
  tape.add("", call.close(77), "", { onError: NEXT });
  tape.add("", call.chdir("/no/such/folder"), "");
  tape.add("", call.write(1, "not reached", 11), "");
  const { code, stdout, report } = await replay(tape);
  assert.deepEqual([code, stdout, [...report]], [1, "", [2, 0, 0, 0, 2, 0, 0, 0]]);
});

Deno.test("a step may go on elsewhere after a failure or after 0, also backwards", async () => {
  const tape = tapeOf();
  const failed = new Place("failed"), zero = new Place("zero");
  tape.add("", call.chdir("/no/such/folder"), "", { onError: failed });
  tape.place(zero);
  tape.add("", call.write(1, "zero\n", 5), "");
  tape.add("", call.exitGroup(0), "");
  tape.place(failed);
  tape.add("", call.write(1, "failed\n", 7), "");
  tape.add("", call.schedYield(), "", { onZero: zero });
  assert.equal((await replay(tape)).stdout, "failed\nzero\n");
});

Deno.test("compare() tells equal from different, and slots and rooms hold what calls put there", async () => {
  const tape = tapeOf();
  const room = new Room("room", 16), same = new Place("same"), different = new Place("different");
  const size = new Slot(2);
  tape.add("", call.umask(0o123), "");
  tape.add("", call.umask(0), "", { save: { room, offset: 8 } });
  tape.add("", call.compare(room.at(8), 0o122), "", { onZero: different, onError: NEXT });
  tape.add("", call.compare(room.at(8), 0o123), "", { onZero: same, onError: different });
  tape.place(different);
  tape.add("", call.exitGroup(1), "");
  tape.place(same);
  tape.add("", call.openat(call.AT_FDCWD, "/proc/self/comm", 0), "");
  tape.add("", call.lseek(1, 0, named(1, "SEEK_CUR")), "", { onError: NEXT });
  tape.add("", call.pread64(4, addressOf(size), 1, 0), "", { onError: NEXT });
  tape.add("", { name: "write", args: [1, "0123456789", LATER] }, "", { slots: [size], onError: NEXT });
  tape.add("", call.getcwd(room.at(0), 0), "", { onError: NEXT });
  tape.add("", call.ioctl(0, 0, bytes(new Uint8Array(8), "{}")), "", { onError: NEXT });
  tape.add("", call.wait4(-1, NULL, 0), "", { onError: NEXT });
  tape.add("", call.exitGroup(42), "");
  assert.equal((await replay(tape)).code, 42);
});

Deno.test("a tape can pass on its own arguments, but for the first, and its own environment", async () => {
  const tape = tapeOf();
  tape.add("", call.execve("/bin/sh", OWN_ARGUMENTS, OWN_ENVIRONMENT), "");
  const { code, stdout } = await replay(tape, `sh -c 'echo "$0|$1|$#|$GREETING"; exit 7' "a b" ""`);
  assert.deepEqual({ code, stdout }, { code: 7, stdout: `a b||1|hello\n` });
});
