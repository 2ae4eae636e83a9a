/** Waiting for many descriptors at once (epoll(7)), level-triggered. */
import { type BitNames, decodeBits } from "./bits.ts";
import { Fd } from "./fd.ts";
import { invoke, libc } from "./libc.ts";
import { O } from "./open.ts";

/** Events (sys/epoll.h). ERR and HUP are reported whether asked for or not. */
export const EPOLL = { IN: 0x1, PRI: 0x2, OUT: 0x4, ERR: 0x8, HUP: 0x10, RDHUP: 0x2000 } as const;
const EPOLL_BITS: BitNames = Object.fromEntries(
  Object.entries(EPOLL).map(([name, value]) => [`EPOLL${name}`, value]),
);

export const EPOLL_CTL = { ADD: 1, DEL: 2, MOD: 3 } as const;

/**
 * struct epoll_event in 32-bit words: the events, then the 64 bits of user data. It is packed on x86_64 only; elsewhere
 * the data are aligned to eight bytes.
 */
export const EPOLL_EVENT = Deno.build.arch === "x86_64"
  ? { words: 3, data: 1 } as const
  : { words: 4, data: 2 } as const;

export function epollCreate(): Fd {
  return new Fd(invoke("epoll_create1", () => libc().epoll_create1(O.CLOEXEC), () => ({ flags: "EPOLL_CLOEXEC" })));
}

const request = new Uint32Array(EPOLL_EVENT.words);
const requestBytes = new Uint8Array(request.buffer);

function control(call: keyof typeof EPOLL_CTL, epoll: Fd, fd: number, events: number, token: number): void {
  request[0] = events;
  request[EPOLL_EVENT.data] = token;
  invoke(`epoll_ctl ${call}`, () => libc().epoll_ctl(epoll.number, EPOLL_CTL[call], fd, requestBytes), () => ({
    object: `descriptor ${fd}`,
    flags: decodeBits(events, EPOLL_BITS),
  }));
}

/** Begins to report `events` of descriptor `fd`, each with `token` (32 bits). EEXIST if it is in there already. */
export function epollAdd(epoll: Fd, fd: number, events: number, token: number): void {
  control("ADD", epoll, fd, events, token);
}

/** Replaces the events and the token of a descriptor that is in there. */
export function epollModify(epoll: Fd, fd: number, events: number, token: number): void {
  control("MOD", epoll, fd, events, token);
}

/** Reports `fd` no longer. Not needed for a descriptor whose last duplicate is closed. */
export function epollRemove(epoll: Fd, fd: number): void {
  control("DEL", epoll, fd, 0, 0);
}

/** Room for the events of one wait, used again and again. */
export class EpollEvents {
  readonly capacity: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#words = new Uint32Array(capacity * EPOLL_EVENT.words);
    this.bytes = new Uint8Array(this.#words.buffer);
  }

  events(index: number): number {
    return this.#words[index * EPOLL_EVENT.words] ?? 0;
  }

  token(index: number): number {
    return this.#words[index * EPOLL_EVENT.words + EPOLL_EVENT.data] ?? 0;
  }
}

/**
 * Waits on a thread of its own until something happens, and returns how many events `into` now holds: -1 on failure,
 * whose reason is lost with the thread (EINTR is the one that occurs). `into` belongs to the kernel meanwhile, and
 * `epoll` must stay open. The pending call keeps the process alive.
 */
export function epollWait(epoll: Fd, into: EpollEvents): Promise<number> {
  return libc().epoll_wait(epoll.number, into.bytes, into.capacity, -1);
}

/** What is ready, or becomes so in the next few `milliseconds`: as {@link epollWait}, and the caller's thread waits. */
export function epollLook(epoll: Fd, into: EpollEvents, milliseconds: number): number {
  return libc().epoll_look(epoll.number, into.bytes, into.capacity, milliseconds);
}
