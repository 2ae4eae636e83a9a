/** A call of 32-bit x86 that stands for many: which of them is meant is told by its first argument. */
export interface Multiplexer {
  readonly name: "socketcall" | "ipc";
  /** Bits of the first argument that select the call; `ipc` keeps a version above them. */
  readonly mask: bigint;
  /** Name of each call behind it -> selector. */
  readonly calls: Readonly<Record<string, number>>;
}

/**
 * The multiplexers of i386, from <linux/net.h> and <linux/ipc.h>. Without them a profile that denies `socket` would
 * leave the same call open as `socketcall(SYS_SOCKET, …)`.
 */
// deno-fmt-ignore
export const MULTIPLEXERS: readonly Multiplexer[] = [
  {
    name: "socketcall",
    mask: 0xffff_ffffn,
    calls: {
      socket: 1, bind: 2, connect: 3, listen: 4, accept: 5, getsockname: 6, getpeername: 7, socketpair: 8, send: 9,
      recv: 10, sendto: 11, recvfrom: 12, shutdown: 13, setsockopt: 14, getsockopt: 15, sendmsg: 16, recvmsg: 17,
      accept4: 18, recvmmsg: 19, sendmmsg: 20,
    },
  },
  {
    name: "ipc",
    mask: 0xffffn,
    calls: {
      semop: 1, semget: 2, semctl: 3, semtimedop: 4, msgsnd: 11, msgrcv: 12, msgget: 13, msgctl: 14, shmat: 21,
      shmdt: 22, shmget: 23, shmctl: 24,
    },
  },
];
