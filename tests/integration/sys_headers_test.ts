/** The numbers that sys/ has by heart, against those that the C headers of this machine have. */
import assert from "node:assert/strict";
import { S } from "../../sys/attributes.ts";
import { CLOSE_RANGE_CLOEXEC, F_SETFD, FD_CLOEXEC } from "../../sys/close_on_exec.ts";
import { EPOLL, EPOLL_CTL, EPOLL_EVENT } from "../../sys/epoll.ts";
import { ERRNO } from "../../sys/errno.ts";
import { FS_MAGIC, STATFS_SIZE } from "../../sys/file_system.ts";
import { SYS } from "../../sys/libc.ts";
import { F_ADD_SEALS, F_SEAL, MFD } from "../../sys/memfd.ts";
import { FSCONFIG, FSMOUNT_CLOEXEC, FSOPEN_CLOEXEC, MOUNT_ATTR } from "../../sys/mount_api.ts";
import { CLONE } from "../../sys/namespace.ts";
import { F_GETFL, F_SETFL } from "../../sys/nonblocking.ts";
import { O, RESOLVE } from "../../sys/open.ts";
import { WNOHANG } from "../../sys/process.ts";
import { POSIX_SPAWN, SIGSET_SIZE, SPAWN_STRUCT_SIZE } from "../../sys/spawn.ts";
import { F_GETPIPE_SZ, F_SETPIPE_SZ, FIONREAD, SPLICE_F } from "../../sys/splice.ts";
import { TIOC } from "../../sys/terminal.ts";
import { run } from "../support/command.ts";
import { requires } from "../support/requires.ts";

type Numbers = Readonly<Record<string, number | bigint>>;

function prefixed(prefix: string, numbers: Numbers): Numbers {
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [prefix + name, number]));
}

const devpts = { DEVPTS_SUPER_MAGIC: FS_MAGIC.DEVPTS, PROC_SUPER_MAGIC: FS_MAGIC.PROC, TMPFS_MAGIC: FS_MAGIC.TMPFS };
const superMagic = {
  ...devpts,
  OVERLAYFS_SUPER_MAGIC: FS_MAGIC.OVERLAY,
  CGROUP_SUPER_MAGIC: FS_MAGIC.CGROUP,
  CGROUP2_SUPER_MAGIC: FS_MAGIC.CGROUP2,
};

const tables: readonly { name: string; headers: readonly string[]; numbers: Numbers }[] = [
  { name: "errno", headers: ["errno.h"], numbers: ERRNO },
  { name: "system call numbers", headers: ["sys/syscall.h"], numbers: prefixed("SYS_", SYS) },
  { name: "open flags", headers: ["fcntl.h"], numbers: prefixed("O_", O) },
  { name: "openat2", headers: ["linux/openat2.h"], numbers: prefixed("RESOLVE_", RESOLVE) },
  { name: "file types", headers: ["sys/stat.h"], numbers: prefixed("S_", S) },
  { name: "epoll", headers: ["sys/epoll.h"], numbers: prefixed("EPOLL", EPOLL) },
  { name: "epoll_ctl", headers: ["sys/epoll.h"], numbers: prefixed("EPOLL_CTL_", EPOLL_CTL) },
  {
    name: "struct epoll_event",
    headers: ["sys/epoll.h", "stddef.h"],
    numbers: {
      "sizeof(struct epoll_event)": EPOLL_EVENT.words * 4,
      "offsetof(struct epoll_event, data)": EPOLL_EVENT.data * 4,
    },
  },
  {
    name: "fcntl",
    headers: ["fcntl.h"],
    numbers: { F_GETFL, F_SETFL, F_SETFD, FD_CLOEXEC, F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS },
  },
  { name: "close_range", headers: ["linux/close_range.h"], numbers: { CLOSE_RANGE_CLOEXEC } },
  { name: "splice", headers: ["fcntl.h"], numbers: prefixed("SPLICE_F_", SPLICE_F) },
  { name: "seals", headers: ["fcntl.h"], numbers: prefixed("F_SEAL_", F_SEAL) },
  {
    name: "memfd",
    headers: ["linux/memfd.h"],
    numbers: { MFD_CLOEXEC: MFD.CLOEXEC, MFD_ALLOW_SEALING: MFD.ALLOW_SEALING }, // MFD_EXEC came later than some headers
  },
  { name: "terminals", headers: ["sys/ioctl.h"], numbers: { ...prefixed("TIOC", TIOC), FIONREAD } },
  {
    name: "struct winsize",
    headers: ["sys/ioctl.h", "stddef.h"],
    numbers: {
      "sizeof(struct winsize)": 8,
      "offsetof(struct winsize, ws_row)": 0,
      "offsetof(struct winsize, ws_col)": 2,
    },
  },
  {
    name: "mount API",
    headers: ["linux/mount.h"],
    numbers: {
      FSOPEN_CLOEXEC,
      FSMOUNT_CLOEXEC,
      FSCONFIG_SET_STRING: FSCONFIG.SET_STRING,
      FSCONFIG_CMD_CREATE: FSCONFIG.CMD_CREATE,
      ...prefixed("MOUNT_ATTR_", MOUNT_ATTR),
    },
  },
  { name: "namespaces", headers: ["sched.h"], numbers: prefixed("CLONE_", CLONE) },
  { name: "wait", headers: ["sys/wait.h"], numbers: { WNOHANG } },
  { name: "posix_spawn", headers: ["spawn.h"], numbers: prefixed("POSIX_SPAWN_", POSIX_SPAWN) },
  { name: "sigset_t", headers: ["signal.h"], numbers: { "sizeof(sigset_t)": SIGSET_SIZE } },
  { name: "file systems", headers: ["linux/magic.h"], numbers: superMagic },
  {
    name: "struct statfs",
    headers: ["sys/vfs.h", "stddef.h"],
    numbers: {
      "sizeof(struct statfs)": STATFS_SIZE,
      "offsetof(struct statfs, f_type)": 0,
      "offsetof(struct statfs, f_bsize)": 8,
      "offsetof(struct statfs, f_blocks)": 16,
      "offsetof(struct statfs, f_bavail)": 32,
      "offsetof(struct statfs, f_ffree)": 48,
    },
  },
  {
    name: "struct statx",
    headers: ["sys/stat.h", "stddef.h"],
    numbers: {
      "sizeof(struct statx)": 256,
      "offsetof(struct statx, stx_mode)": 28,
      "offsetof(struct statx, stx_ino)": 32,
      "offsetof(struct statx, stx_size)": 40,
      "offsetof(struct statx, stx_blocks)": 48,
      "offsetof(struct statx, stx_ctime)": 96,
      "offsetof(struct statx, stx_mtime)": 112,
      "offsetof(struct statx, stx_rdev_major)": 128,
      "offsetof(struct statx, stx_dev_major)": 136,
    },
  },
];

/** Compiles a program that prints the value of each C expression, and runs it. */
async function valuesInC(headers: readonly string[], expressions: readonly string[]): Promise<bigint[]> {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-headers-" });
  try {
    const program = [
      "#define _GNU_SOURCE",
      "#include <stdio.h>",
      ...headers.map((header) => `#include <${header}>`),
      "int main(void) {",
      ...expressions.map((expression) => `  printf("%lld\\n", (long long)(${expression}));`),
      "  return 0;",
      "}",
    ];
    await Deno.writeTextFile(`${folder}/values.c`, program.join("\n"));
    await run(["gcc", "-o", `${folder}/values`, `${folder}/values.c`]);
    return (await run([`${folder}/values`])).trim().split("\n").map(BigInt);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const needs = requires({ command: "gcc" }, "sys/ has the numbers of the C headers");
for (const { name, headers, numbers } of tables) {
  Deno.test({
    name: `sys/ has the numbers of the C headers: ${name}`,
    ...needs,
    fn: async () => {
      const names = Object.keys(numbers);
      const inC = await valuesInC(headers, names);
      const ours = names.map((name) => [name, BigInt.asUintN(32, BigInt(numbers[name] ?? -1n))]);
      assert.deepEqual(ours, names.map((name, i) => [name, BigInt.asUintN(32, inC[i] ?? -2n)]));
    },
  });
}

Deno.test({
  name: "posix_spawn's opaque structs fit into the room that sys/spawn.ts gives them",
  ...needs,
  fn: async () => {
    const sizes = await valuesInC(["spawn.h"], ["sizeof(posix_spawn_file_actions_t)", "sizeof(posix_spawnattr_t)"]);
    for (const size of sizes) assert.ok(Number(size) <= SPAWN_STRUCT_SIZE, `${size}`);
  },
});
