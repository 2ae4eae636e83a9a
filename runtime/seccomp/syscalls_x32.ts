import { SYSCALLS_X86_64 } from "./syscalls_x86_64.ts";

/** What x32 numbers carry in addition, so that the kernel tells them from those of x86_64 (`__X32_SYSCALL_BIT`). */
export const X32_SYSCALL_BIT = 0x40000000;

/** Calls of x86_64 that x32 never had: they were obsolete, or tied to segments, when the ABI was made. */
const ABSENT: ReadonlySet<string> = new Set<keyof typeof SYSCALLS_X86_64>([
  "_sysctl",
  "create_module",
  "epoll_ctl_old",
  "epoll_wait_old",
  "get_kernel_syms",
  "get_thread_area",
  "nfsservctl",
  "query_module",
  "set_thread_area",
  "uselib",
  "vserver",
]);

/** Calls whose structures hold pointers or longs: x32 has entries of its own for them, from 512 on. */
// deno-fmt-ignore
const OWN = {
  rt_sigaction: 512, rt_sigreturn: 513, ioctl: 514, readv: 515, writev: 516, recvfrom: 517, sendmsg: 518, recvmsg: 519,
  execve: 520, ptrace: 521, rt_sigpending: 522, rt_sigtimedwait: 523, rt_sigqueueinfo: 524, sigaltstack: 525,
  timer_create: 526, mq_notify: 527, kexec_load: 528, waitid: 529, set_robust_list: 530, get_robust_list: 531,
  vmsplice: 532, move_pages: 533, preadv: 534, pwritev: 535, rt_tgsigqueueinfo: 536, recvmmsg: 537, sendmmsg: 538,
  process_vm_readv: 539, process_vm_writev: 540, setsockopt: 541, getsockopt: 542, io_setup: 543, io_submit: 544,
  execveat: 545, preadv2: 546, pwritev2: 547,
} as const satisfies Partial<Record<keyof typeof SYSCALLS_X86_64, number>>;

/**
 * System call numbers of x32 (64-bit registers, 32-bit pointers), without {@link X32_SYSCALL_BIT}.
 * Source: the rows "common" and "x32" of `arch/x86/entry/syscalls/syscall_64.tbl`.
 */
export const SYSCALLS_X32: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(SYSCALLS_X86_64).filter(([name]) => !ABSENT.has(name))),
  ...OWN,
};
