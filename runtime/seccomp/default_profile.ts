import type { CapabilityName } from "../capabilities.ts";
import type { SeccompArgument, SeccompProfile, SeccompRule } from "./profile.ts";
import type { SYSCALLS_AARCH64 } from "./syscalls_aarch64.ts";
import type { SYSCALLS_ARM } from "./syscalls_arm.ts";
import type { SYSCALLS_I386 } from "./syscalls_i386.ts";
import type { SYSCALLS_X86_64 } from "./syscalls_x86_64.ts";

/** A call that at least one of our ABIs has: a misspelt name does not compile. */
type SyscallName =
  | keyof typeof SYSCALLS_AARCH64
  | keyof typeof SYSCALLS_ARM
  | keyof typeof SYSCALLS_I386
  | keyof typeof SYSCALLS_X86_64;

/**
 * What every container may call, by purpose. The list is Docker's (moby/profiles, seccomp/default.json of June 2026).
 * Names with a number at the end are the same call with wider types on 32-bit ABIs.
 */
// deno-fmt-ignore
const EVERYBODY = {
  "files, by descriptor": [
    "close", "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64", "flock", "ioctl", "_llseek", "lseek", "read",
    "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "pwritev2", "readahead",
    "copy_file_range", "sendfile", "sendfile64", "splice", "tee", "vmsplice", "fadvise64", "fadvise64_64", "fallocate",
    "ftruncate", "ftruncate64", "fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "cachestat",
  ],
  "files, by path": [
    "open", "openat", "openat2", "creat", "access", "faccessat", "faccessat2", "link", "linkat", "symlink", "symlinkat",
    "readlink", "readlinkat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir",
    "mknod", "mknodat", "truncate", "truncate64", "chdir", "fchdir", "getcwd", "getdents", "getdents64", "umask",
    // Gives handles only; what is dangerous is to open them (CAP_DAC_READ_SEARCH below).
    "name_to_handle_at",
  ],
  "attributes of files": [
    "stat", "stat64", "lstat", "lstat64", "fstat", "fstat64", "fstatat64", "newfstatat", "statx", "statfs", "statfs64",
    "fstatfs", "fstatfs64", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "chown32", "fchown", "fchown32",
    "fchownat", "lchown", "lchown32", "utime", "utimes", "futimesat", "utimensat", "utimensat_time64", "getxattr",
    "getxattrat", "lgetxattr", "fgetxattr", "setxattr", "setxattrat", "lsetxattr", "fsetxattr", "listxattr",
    "listxattrat", "llistxattr", "flistxattr", "removexattr", "removexattrat", "lremovexattr", "fremovexattr",
  ],
  // Reading the mount table is harmless, as /proc/self/mountinfo is; changing it is not (CAP_SYS_ADMIN below).
  "what is mounted": ["listmount", "statmount"],
  "waiting for files": [
    "poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64", "epoll_create",
    "epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_wait", "epoll_wait_old", "epoll_pwait", "epoll_pwait2",
    "eventfd", "eventfd2", "signalfd", "signalfd4", "inotify_init", "inotify_init1", "inotify_add_watch",
    // Marks a group that somebody with CAP_SYS_ADMIN made and passed on.
    "inotify_rm_watch", "fanotify_mark",
  ],
  // The first asynchronous interface. Its successor io_uring is left out: it makes calls that no filter sees, and most
  // of the kernel exploits that Google was paid for in 2022 went through it.
  "asynchronous files": [
    "io_setup", "io_submit", "io_getevents", "io_pgetevents", "io_pgetevents_time64", "io_cancel", "io_destroy",
  ],
  "pipes and sockets (but not socket() itself, see SOCKET)": [
    "pipe", "pipe2", "socketpair", "bind", "listen", "accept", "accept4", "connect", "shutdown", "getsockname",
    "getpeername", "getsockopt", "setsockopt", "recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64", "send",
    "sendto", "sendmsg", "sendmmsg",
    // Its arguments are in memory, so SOCKET cannot be kept up here; old 32-bit programs know nothing else.
    "socketcall",
  ],
  "memory": [
    "brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "mincore", "mlock", "mlock2", "mlockall",
    "munlock", "munlockall", "msync", "remap_file_pages", "membarrier", "memfd_create", "memfd_secret", "mseal",
    "map_shadow_stack", "pkey_alloc", "pkey_free", "pkey_mprotect",
  ],
  "System V and POSIX message passing": [
    "ipc", "msgctl", "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop", "semtimedop_time64",
    "shmat", "shmctl", "shmdt", "shmget", "mq_open", "mq_unlink", "mq_notify", "mq_getsetattr", "mq_timedreceive",
    "mq_timedreceive_time64", "mq_timedsend", "mq_timedsend_time64",
  ],
  "processes and threads (but not clone() itself, see CLONE)": [
    "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "waitpid", "getpid", "getppid",
    "gettid", "getpgid", "getpgrp", "setpgid", "getsid", "setsid", "set_tid_address", "get_robust_list",
    "set_robust_list", "get_thread_area", "set_thread_area", "prctl", "pidfd_open", "process_mrelease", "rseq",
    "restart_syscall", "pause",
    // The kernel itself puts it into a process that somebody traces from outside with a uretprobe.
    "uretprobe",
  ],
  "locks": ["futex", "futex_time64", "futex_waitv", "futex_wait", "futex_wake", "futex_requeue"],
  "signals": [
    "kill", "tkill", "tgkill", "pidfd_send_signal", "rt_sigaction", "rt_sigpending", "rt_sigprocmask",
    "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64",
    "rt_tgsigqueueinfo", "sigaltstack", "sigprocmask", "sigreturn",
  ],
  "scheduling": [
    "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam",
    "sched_getscheduler", "sched_rr_get_interval", "sched_rr_get_interval_time64", "sched_setaffinity",
    "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "getcpu", "getpriority", "setpriority",
    "ioprio_get", "ioprio_set",
  ],
  "limits": ["getrlimit", "ugetrlimit", "setrlimit", "prlimit64", "getrusage", "times"],
  // clock_adjtime and adjtimex also set the clock, but the kernel asks for CAP_SYS_TIME when they do.
  "time": [
    "time", "gettimeofday", "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64",
    "clock_nanosleep", "clock_nanosleep_time64", "clock_adjtime", "clock_adjtime64", "adjtimex", "nanosleep", "alarm",
    "getitimer", "setitimer", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_gettime64",
    "timer_settime", "timer_settime64", "timerfd_create", "timerfd_gettime", "timerfd_gettime64", "timerfd_settime",
    "timerfd_settime64",
  ],
  // All of these ask for capabilities of their own inside the kernel.
  "users, groups and capabilities": [
    "getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32", "getegid", "getegid32", "getresuid",
    "getresuid32", "getresgid", "getresgid32", "getgroups", "getgroups32", "setuid", "setuid32", "setgid", "setgid32",
    "setreuid", "setreuid32", "setregid", "setregid32", "setresuid", "setresuid32", "setresgid", "setresgid32",
    "setfsuid", "setfsuid32", "setfsgid", "setfsgid32", "setgroups", "setgroups32", "capget", "capset",
  ],
  "locking oneself in further": [
    "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
  ],
  "about the system": ["uname", "sysinfo", "getrandom"],
} as const satisfies Readonly<Record<string, readonly SyscallName[]>>;

/**
 * What a capability of the container adds. Without it these stay closed even where the kernel would let a process
 * through that has the capability in a user namespace of its own.
 */
// deno-fmt-ignore
const BY_CAPABILITY = {
  CAP_SYS_ADMIN: [
    // Namespaces and mounts: the way into most kernel holes of the last years (CVE-2022-0185, CVE-2022-0492,
    // CVE-2024-1086 all begin with an unprivileged unshare or clone).
    "clone", "clone3", "unshare", "setns", "mount", "umount", "umount2", "mount_setattr", "move_mount", "open_tree",
    "fsopen", "fsconfig", "fsmount", "fspick", "sethostname", "setdomainname",
    // Looking into or steering the whole system.
    "bpf", "perf_event_open", "fanotify_init", "lookup_dcookie", "quotactl", "quotactl_fd", "syslog",
    "lsm_get_self_attr", "lsm_list_modules", "lsm_set_self_attr",
  ],
  CAP_BPF: ["bpf"],
  CAP_PERFMON: ["perf_event_open"],
  CAP_SYSLOG: ["syslog"],
  // Opens any file of the file system below a bind mount, also outside of it ("shocker", 2014).
  CAP_DAC_READ_SEARCH: ["open_by_handle_at"],
  CAP_SYS_BOOT: ["reboot"],
  CAP_SYS_CHROOT: ["chroot"],
  CAP_SYS_MODULE: ["delete_module", "init_module", "finit_module"],
  CAP_SYS_PACCT: ["acct"],
  CAP_SYS_PTRACE: [
    "kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace",
  ],
  CAP_SYS_RAWIO: ["iopl", "ioperm"],
  CAP_SYS_TIME: ["settimeofday", "stime", "clock_settime", "clock_settime64"],
  CAP_SYS_TTY_CONFIG: ["vhangup"],
  CAP_SYS_NICE: ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"],
} as const satisfies Readonly<Partial<Record<CapabilityName, readonly SyscallName[]>>>;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET: none of them in `clone`'s flags. */
const NAMESPACE_FLAGS = 0x7e020000n;
const ENOSYS = 38;
const EPERM = 1;

/**
 * `clone` without new namespaces. The flags of `clone3` are in memory, where no filter can look: it is made to look
 * absent, and every C library then falls back on `clone` (with EPERM it would give up: threads could not be started).
 */
const CLONE: readonly SeccompRule[] = [
  {
    names: ["clone"],
    action: "SCMP_ACT_ALLOW",
    args: [{ index: 0, op: "SCMP_CMP_MASKED_EQ", value: NAMESPACE_FLAGS, valueTwo: 0n }],
    excludes: { caps: ["CAP_SYS_ADMIN"] },
  },
  { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS, excludes: { caps: ["CAP_SYS_ADMIN"] } },
];

/**
 * `socket` for all families but AF_ALG (38: the kernel's cryptography, rarely used and with a history of
 * holes) and AF_VSOCK (40: not namespaced, it reaches the hypervisor).
 *
 * Docker allows what is below 38, 39, and all above 40, compared as 64 bits. The kernel uses 32 of them, so that
 * `socket(2^32 + 40, …)` passes Docker's filter and makes a vsock. Hence no "above" here, but a mask that covers the
 * high bits, once for each block of numbers up to 63 (Linux 7.1 has 45).
 */
const SOCKET: readonly SeccompRule[] = [
  allowIf("socket", { index: 0, op: "SCMP_CMP_LT", value: 38n }),
  allowIf("socket", { index: 0, op: "SCMP_CMP_EQ", value: 39n }),
  allowIf("socket", { index: 0, op: "SCMP_CMP_EQ", value: 41n }),
  ...[{ from: 42n, count: 2n }, { from: 44n, count: 4n }, { from: 48n, count: 16n }].map(({ from, count }) =>
    allowIf("socket", {
      index: 0,
      op: "SCMP_CMP_MASKED_EQ",
      value: 0xffff_ffff_ffff_ffffn - (count - 1n),
      valueTwo: from,
    })
  ),
];

/**
 * `personality` only for asking (0xffffffff), PER_LINUX, PER_LINUX32 and each with UNAME26. Left out are those bits
 * that switch off protections of memory (ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC …).
 */
const PERSONALITY: readonly SeccompRule[] = [0x0n, 0x8n, 0x20000n, 0x20008n, 0xffff_ffffn].map((value) =>
  allowIf("personality", { index: 0, op: "SCMP_CMP_EQ", value })
);

/** Calls that only some machines have. */
const BY_MACHINE: readonly SeccompRule[] = [
  {
    names: ["arm_fadvise64_64", "arm_sync_file_range", "breakpoint", "cacheflush", "set_tls"] satisfies SyscallName[],
    action: "SCMP_ACT_ALLOW",
    includes: { arches: ["arm64"] },
  },
  {
    names: ["arch_prctl", "modify_ldt"] satisfies SyscallName[],
    action: "SCMP_ACT_ALLOW",
    includes: { arches: ["amd64"] },
  },
];

/** Before 4.8 a process could get round its filter by tracing itself through a child. */
const TRACING: SeccompRule = {
  names: ["process_vm_readv", "process_vm_writev", "ptrace"] satisfies SyscallName[],
  action: "SCMP_ACT_ALLOW",
  includes: { minKernel: { major: 4, minor: 8 } },
};

/**
 * The profile of a container that names none: an allow list, equal in effect to Docker's (except `socket`, see there).
 * What is on no list fails with EPERM: among others the keyring (`keyctl`: not namespaced), `kexec`, swap,
 * `userfaultfd` (it makes kernel races easy to win), `io_uring`, `pivot_root`, moving pages of others.
 */
export const DEFAULT_SECCOMP_PROFILE: SeccompProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: EPERM,
  archMap: [
    { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
    { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
  ],
  syscalls: [
    ...Object.values(EVERYBODY).map((names): SeccompRule => ({ names, action: "SCMP_ACT_ALLOW" })),
    ...Object.entries(BY_CAPABILITY).map(([capability, names]): SeccompRule => ({
      names,
      action: "SCMP_ACT_ALLOW",
      includes: { caps: [capability] },
    })),
    ...CLONE,
    ...SOCKET,
    ...PERSONALITY,
    ...BY_MACHINE,
    TRACING,
  ],
};

function allowIf(name: SyscallName, arg: SeccompArgument): SeccompRule {
  return { names: [name], action: "SCMP_ACT_ALLOW", args: [arg] };
}
