/**
 * The fence: the one place that opens a foreign library. Everything here is synchronous but `epoll_wait` and
 * `sendto_aside`, and only the other files of sys/ import it.
 */
import { encodeName } from "../base/file_name.ts";
import { ERRNO } from "./errno.ts";
import { type SyscallContext, SyscallError } from "./syscall_error.ts";

/** Numbers of system calls that glibc 2.31 has no function for; from 424 on they are the same on every architecture. */
export const SYS = {
  pidfd_send_signal: 424n,
  open_tree: 428n,
  move_mount: 429n,
  fsopen: 430n,
  fsconfig: 431n,
  fsmount: 432n,
  pidfd_open: 434n,
  close_range: 436n,
  openat2: 437n,
  pidfd_getfd: 438n,
  mount_setattr: 442n,
} as const;

const i32 = "i32", u32 = "u32", i64 = "i64", buffer = "buffer", pointer = "pointer";

/** `syscall(2)` under another name: the number, then up to six parameters. */
function raw<const P extends Deno.NativeType[]>(...parameters: P) {
  return { name: "syscall", parameters: [i64, ...parameters], result: i32 } as const;
}

const SYMBOLS = {
  __errno_location: { parameters: [], result: pointer },

  openat: { parameters: [i32, buffer, i32, u32], result: i32 },
  close: { parameters: [i32], result: i32 },
  read: { parameters: [i32, buffer, "usize"], result: i32 },
  write: { parameters: [i32, buffer, "usize"], result: i32 },
  pread: { parameters: [i32, buffer, "usize", i64], result: i32 },
  pwrite: { parameters: [i32, buffer, "usize", i64], result: i32 },
  ftruncate: { parameters: [i32, i64], result: i32 },
  sync_file_range: { parameters: [i32, "i64", "i64", "u32"], result: i32 },
  dup2: { parameters: [i32, i32], result: i32 },
  fcntl: { parameters: [i32, i32, i64], result: i32 },
  ioctl: { parameters: [i32, "u64", buffer], result: i32 },
  ioctl_number: { name: "ioctl", parameters: [i32, "u64", i64], result: i32 },
  flock: { parameters: [i32, i32], result: i32 },
  pipe2: { parameters: [buffer, i32], result: i32 },
  memfd_create: { parameters: [buffer, u32], result: i32 },
  eventfd: { parameters: [u32, i32], result: i32 },
  inotify_init1: { parameters: [i32], result: i32 },
  inotify_add_watch: { parameters: [i32, buffer, u32], result: i32 },
  splice: { parameters: [i32, pointer, i32, pointer, "usize", u32], result: i32 },
  tee: { parameters: [i32, i32, "usize", u32], result: i32 },
  copy_file_range: { parameters: [i32, pointer, i32, pointer, "usize", u32], result: i32 },

  mkdirat: { parameters: [i32, buffer, u32], result: i32 },
  mknodat: { parameters: [i32, buffer, u32, "u64"], result: i32 },
  symlinkat: { parameters: [buffer, i32, buffer], result: i32 },
  linkat: { parameters: [i32, buffer, i32, buffer, i32], result: i32 },
  unlinkat: { parameters: [i32, buffer, i32], result: i32 },
  renameat: { parameters: [i32, buffer, i32, buffer], result: i32 },
  readlinkat: { parameters: [i32, buffer, buffer, "usize"], result: i32 },
  fchownat: { parameters: [i32, buffer, u32, u32, i32], result: i32 },
  fchmod: { parameters: [i32, u32], result: i32 },
  fchmodat: { parameters: [i32, buffer, u32, i32], result: i32 },
  futimens: { parameters: [i32, buffer], result: i32 },
  utimensat: { parameters: [i32, buffer, buffer, i32], result: i32 },
  statx: { parameters: [i32, buffer, i32, u32, buffer], result: i32 },
  fstatfs: { parameters: [i32, buffer], result: i32 },
  lsetxattr: { parameters: [buffer, buffer, buffer, "usize", i32], result: i32 },
  lgetxattr: { parameters: [buffer, buffer, buffer, "usize"], result: i32 },
  llistxattr: { parameters: [buffer, buffer, "usize"], result: i32 },
  syncfs: { parameters: [i32], result: i32 },
  mount: { parameters: [buffer, buffer, buffer, "u64", buffer], result: i32 },
  umount2: { parameters: [buffer, i32], result: i32 },

  epoll_create1: { parameters: [i32], result: i32 },
  epoll_ctl: { parameters: [i32, i32, i32, buffer], result: i32 },
  epoll_wait: { parameters: [i32, buffer, i32, i32], result: i32, nonblocking: true },
  epoll_look: { name: "epoll_wait", parameters: [i32, buffer, i32, i32], result: i32 },
  poll: { parameters: [buffer, "u64", i32], result: i32 },

  socket: { parameters: [i32, i32, i32], result: i32 },
  bind: { parameters: [i32, buffer, u32], result: i32 },
  listen: { parameters: [i32, i32], result: i32 },
  accept4: { parameters: [i32, buffer, buffer, i32], result: i32 },
  connect: { parameters: [i32, buffer, u32], result: i32 },
  getsockname: { parameters: [i32, buffer, buffer], result: i32 },
  getsockopt: { parameters: [i32, i32, i32, buffer, buffer], result: i32 },
  setsockopt: { parameters: [i32, i32, i32, buffer, u32], result: i32 },
  recvfrom: { parameters: [i32, buffer, "usize", i32, buffer, buffer], result: i32 },
  sendto: { parameters: [i32, buffer, "usize", i32, buffer, u32], result: i32 },
  sendto_aside: {
    name: "sendto",
    parameters: [i32, buffer, "usize", i32, buffer, u32],
    result: i32,
    nonblocking: true,
  },
  recvmsg: { parameters: [i32, buffer, i32], result: i32 },
  sendmsg: { parameters: [i32, buffer, i32], result: i32 },
  shutdown: { parameters: [i32, i32], result: i32 },

  posix_spawn: { parameters: [buffer, buffer, buffer, buffer, buffer, buffer], result: i32 },
  posix_spawn_file_actions_init: { parameters: [buffer], result: i32 },
  posix_spawn_file_actions_adddup2: { parameters: [buffer, i32, i32], result: i32 },
  posix_spawn_file_actions_destroy: { parameters: [buffer], result: i32 },
  posix_spawnattr_init: { parameters: [buffer], result: i32 },
  posix_spawnattr_setflags: { parameters: [buffer, "i16"], result: i32 },
  posix_spawnattr_setsigmask: { parameters: [buffer, buffer], result: i32 },
  posix_spawnattr_setsigdefault: { parameters: [buffer, buffer], result: i32 },
  posix_spawnattr_destroy: { parameters: [buffer], result: i32 },
  waitpid: { parameters: [i32, buffer, i32], result: i32 },
  kill: { parameters: [i32, i32], result: i32 },
  signal: { parameters: [i32, "usize"], result: "usize" },
  setns: { parameters: [i32, i32], result: i32 },
  unshare: { parameters: [i32], result: i32 },
  abort: { parameters: [], result: "void" },
  prlimit: { parameters: [i32, i32, buffer, buffer], result: i32 },
  getdents64: { parameters: [i32, buffer, "usize"], result: i32 },

  pidfd_open: raw(i32, u32),
  pidfd_getfd: raw(i32, i32, u32),
  pidfd_send_signal: raw(i32, i32, pointer, u32),
  openat2: raw(i32, buffer, buffer, "usize"),
  close_range: raw(u32, u32, u32),
  open_tree: raw(i32, buffer, u32),
  mount_setattr: raw(i32, buffer, u32, buffer, "usize"),
  fsopen: raw(buffer, u32),
  fsconfig: raw(i32, u32, buffer, buffer, i32),
  fsmount: raw(i32, u32, u32),
  bpf: raw(i32, buffer, u32),
} as const;

type Functions = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Each function is opened on its first use: all at once take 20 ms, and most programs need few. */
const functions = Object.defineProperties({} as Functions, Object.fromEntries(Object.keys(SYMBOLS).map(openedOnUse)));
let errnoView: Deno.UnsafePointerView | undefined;

function openedOnUse(name: string): [string, PropertyDescriptor] {
  return [name, {
    configurable: true,
    get(): unknown {
      const value = Deno.dlopen("libc.so.6", { [name]: SYMBOLS[name as keyof typeof SYMBOLS] }).symbols[name];
      Object.defineProperty(functions, name, { value });
      return value;
    },
  }];
}

/** The functions of libc. */
export function libc(): Functions {
  errnoView ??= viewOfErrno(); // before the first call that may fail: opening a function changes errno
  return functions;
}

function viewOfErrno(): Deno.UnsafePointerView {
  const address = functions.__errno_location();
  if (address === null) throw new SyscallError("__errno_location", ERRNO.EFAULT);
  return new Deno.UnsafePointerView(address);
}

/** The error number of the call just made; valid only in the very next statement, on the same thread. */
export function lastErrno(): number {
  return (errnoView ?? viewOfErrno()).getInt32();
}

/**
 * Makes one system call: repeats it while it is interrupted, and throws what it was about when it fails.
 * `context` is only evaluated on failure.
 */
export function invoke(call: string, attempt: () => number, context?: () => SyscallContext): number {
  for (;;) {
    const result = attempt();
    if (result !== -1) return result;
    const errno = lastErrno();
    if (errno !== ERRNO.EINTR) throw new SyscallError(call, errno, context?.());
  }
}

/** Short names are cut from one piece of memory: a buffer for each takes longer than most of the calls they are for. */
const SLAB = 16 << 10;
const LONGEST_CUT = 512;
let slab = new Uint8Array(SLAB);
let used = 0;
const EMPTY = new Uint8Array(1);

/** A NUL-terminated string, of names the bytes that they are (base/file_name.ts). A NUL inside would silently cut it, so it is refused. */
export function cstring(text: string): Uint8Array<ArrayBuffer> {
  if (text === "") return EMPTY;
  if (text.includes("\0")) throw new SyscallError("string", ERRNO.EINVAL, { object: JSON.stringify(text) });
  return text.length <= LONGEST_CUT && cutAscii(text) || encodeName(text + "\0");
}

/** Never written again: whoever has it may keep it. */
function cutAscii(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (used + text.length >= slab.length) [slab, used] = [new Uint8Array(SLAB), 0];
  const from = used;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    slab[from + i] = code;
  }
  slab[from + text.length] = 0; // what was begun and given up may stand there
  used = from + text.length + 1;
  return slab.subarray(from, used);
}
