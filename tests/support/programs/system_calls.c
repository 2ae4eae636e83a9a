/* Makes system calls with arguments that do no harm, and prints for each how the kernel answers: "name ok" or "name
 * ERRNO". What a filter refuses it refuses before the kernel looks at an argument. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char *name, long result) {
  int error = errno;
  if (result >= 0) printf("%s ok\n", name);
  else printf("%s %s\n", name, strerrorname_np(error) ? strerrorname_np(error) : "?");
  fflush(stdout);
}

#define TRY(name, ...) tell(name, (errno = 0, syscall(__VA_ARGS__)))

/* In a process of its own, because it changes the caller. */
#define TRY_APART(name, ...)                                     \
  do {                                                           \
    pid_t pid = fork();                                          \
    if (pid == 0) { TRY(name, __VA_ARGS__); _exit(0); }          \
    waitpid(pid, NULL, 0);                                       \
  } while (0)

static void try_clone(const char *name, unsigned long flags) {
  long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  tell(name, pid);
  if (pid > 0) waitpid(pid, NULL, 0);
}

int main(void) {
  TRY("mount", SYS_mount, 0, 0, 0, 0, 0);
  TRY("umount2", SYS_umount2, 0, 0);
  TRY("pivot_root", SYS_pivot_root, 0, 0);
  TRY("open_tree", SYS_open_tree, -1, 0, 0);
  TRY("move_mount", SYS_move_mount, -1, 0, -1, 0, 0);
  TRY("fsopen", SYS_fsopen, 0, 0);
  TRY("fsconfig", SYS_fsconfig, -1, 0, 0, 0, 0);
  TRY("fsmount", SYS_fsmount, -1, 0, 0);
  TRY("fspick", SYS_fspick, -1, 0, 0);
  TRY("mount_setattr", 442, -1, 0, 0, 0, 0);
  TRY_APART("unshare(0)", SYS_unshare, 0);
  TRY_APART("unshare(NEWNS)", SYS_unshare, CLONE_NEWNS);
  TRY_APART("unshare(NEWUSER)", SYS_unshare, CLONE_NEWUSER);
  TRY("setns", SYS_setns, -1, 0);
  try_clone("clone", 0);
  try_clone("clone(NEWUSER)", CLONE_NEWUSER);
  try_clone("clone(NEWNS)", CLONE_NEWNS);
  try_clone("clone(NEWNET)", CLONE_NEWNET);
  try_clone("clone(NEWPID)", CLONE_NEWPID);
  try_clone("clone(NEWIPC)", CLONE_NEWIPC);
  try_clone("clone(NEWUTS)", CLONE_NEWUTS);
  try_clone("clone(NEWCGROUP)", CLONE_NEWCGROUP);
  TRY("clone3", 435, 0, 0);
  TRY("keyctl", SYS_keyctl, -1, 0, 0, 0, 0);
  TRY("add_key", SYS_add_key, 0, 0, 0, 0, 0);
  TRY("request_key", SYS_request_key, 0, 0, 0, 0);
  TRY("bpf", SYS_bpf, -1, 0, 0);
  TRY("perf_event_open", SYS_perf_event_open, 0, 0, 0, -1, 0);
  TRY("userfaultfd", SYS_userfaultfd, -1);
  TRY("io_uring_setup", 425, 0, 0);
  TRY("io_uring_enter", 426, -1, 0, 0, 0, 0, 0);
  TRY("io_uring_register", 427, -1, 0, 0, 0);
  TRY("open_by_handle_at", SYS_open_by_handle_at, -1, 0, 0);
  TRY("init_module", SYS_init_module, 0, 0, 0);
  TRY("finit_module", SYS_finit_module, -1, 0, 0);
  TRY("delete_module", SYS_delete_module, 0, 0);
  TRY("kexec_load", SYS_kexec_load, 0, 17, 0, 0);
  TRY("reboot", SYS_reboot, 0, 0, 0, 0);
  TRY("swapon", SYS_swapon, 0, 0);
  TRY("swapoff", SYS_swapoff, 0);
  TRY("acct", SYS_acct, "/no/such/file");
  TRY("settimeofday", SYS_settimeofday, 1, 1);
  TRY("clock_settime", SYS_clock_settime, 0, 1);
  TRY("quotactl", SYS_quotactl, -1, 0, 0, 0);
  TRY("syslog", SYS_syslog, -1, 0, 0);
  TRY("fanotify_init", SYS_fanotify_init, -1, 0);
  TRY("vhangup", SYS_vhangup);
  TRY("kcmp", SYS_kcmp, getpid(), getpid(), 99, 0, 0);
  TRY("mbind", SYS_mbind, 1, 0, 0, 0, 0, 0);
  TRY("set_mempolicy", SYS_set_mempolicy, 99, 0, 0);
  TRY("move_pages", SYS_move_pages, 0, 0, 0, 0, 0, 99);
  TRY("migrate_pages", SYS_migrate_pages, 0, 0, 0, 0);
#ifdef __x86_64__
  TRY("iopl", SYS_iopl, 0);
  TRY("ioperm", SYS_ioperm, 0, 0, 0);
  TRY("uselib", SYS_uselib, 0);
  TRY("ustat", SYS_ustat, 0, 0);
  TRY("sysfs", SYS_sysfs, 99);
  TRY("x32 mount", 0x40000000L + SYS_mount, 0, 0, 0, 0, 0);
#endif
  TRY("socket(INET)", SYS_socket, AF_INET, SOCK_STREAM, 0);
  TRY("socket(NETLINK)", SYS_socket, AF_NETLINK, SOCK_RAW, 0);
  TRY("socket(PACKET)", SYS_socket, AF_PACKET, SOCK_RAW, 0);
  TRY("socket(VSOCK)", SYS_socket, AF_VSOCK, SOCK_STREAM, 0);
  TRY("socket(VSOCK + 2^32)", SYS_socket, AF_VSOCK + (1L << 32), SOCK_STREAM, 0);
  TRY("socket(ALG)", SYS_socket, AF_ALG, SOCK_SEQPACKET, 0);
  TRY_APART("ptrace", SYS_ptrace, 0, 0, 0, 0);
  TRY_APART("chroot", SYS_chroot, "/");
  TRY("personality(ask)", SYS_personality, 0xffffffff);
  TRY_APART("personality(PER_LINUX)", SYS_personality, 0);
  TRY_APART("personality(UNAME26)", SYS_personality, 0x20000);
  TRY_APART("personality(ADDR_NO_RANDOMIZE)", SYS_personality, 0x40000);
  TRY_APART("personality(READ_IMPLIES_EXEC)", SYS_personality, 0x400000);
  TRY("seccomp", SYS_seccomp, 2, 0, &(unsigned){0x7fff0000});
  TRY("process_vm_readv", SYS_process_vm_readv, getpid(), 0, 0, 0, 0, 0);
  TRY("memfd_create", SYS_memfd_create, "x", 1);
  TRY("getrandom", SYS_getrandom, 0, 0, 0);
  TRY("pidfd_open", SYS_pidfd_open, getpid(), 0);
  TRY("name_to_handle_at", SYS_name_to_handle_at, -1, 0, 0, 0, 0);
  TRY("no such call", 9999);
  return 0;
}
