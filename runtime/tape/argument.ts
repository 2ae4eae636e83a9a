/**
 * What the arguments of a tape's system calls are made of. Each carries the value for the kernel and the text for
 * people, so that `--explain` needs no decoder that could be wrong.
 */
import type { Bytes } from "../../base/container_engine.ts";
import { type BitNames, decodeBits } from "../../sys/bits.ts";
import { cstring } from "../../sys/libc.ts";
import type { StartWords } from "./starter.ts";
import type { Step } from "./tape.ts";

/** A number, a pointer to constant data, or a place whose content an earlier call of the same tape fills in. */
export type Argument =
  | { readonly kind: "value"; readonly value: number | bigint; readonly shown: string }
  | { readonly kind: "bytes"; readonly bytes: Bytes; readonly shown: string }
  | { readonly kind: "words"; readonly words: readonly (number | bigint | Argument)[]; readonly shown: string }
  | { readonly kind: "room"; readonly room: Room; readonly offset: number; readonly shown: string }
  | { readonly kind: "slot"; readonly slot: Slot; readonly shown: string }
  | { readonly kind: "result"; readonly of: Step }
  | { readonly kind: "start"; readonly of: keyof StartWords; readonly shown: string }
  | { readonly kind: "later" };

/** Plain numbers are shown in decimal, strings are passed as pointers to NUL-terminated text. */
export type Given = number | string | Argument;

/** Memory that is zero when the program starts and that calls write to. Shared by no two processes. */
export class Room {
  readonly name: string;
  readonly size: number;

  constructor(name: string, size: number) {
    this.name = name;
    this.size = size;
  }

  /** The address of byte `offset`. */
  at(offset: number): Argument {
    return { kind: "room", room: this, offset, shown: offset === 0 ? `&${this.name}` : `&${this.name}[${offset}]` };
  }
}

/** The place of argument `index` (0 to 5) of a step, which exists once that step has been added to the tape. */
export class Slot {
  readonly index: number;
  step: Step | undefined;

  constructor(index: number) {
    this.index = index;
  }
}

/** NULL where a pointer is expected. */
export const NULL: Argument = { kind: "value", value: 0, shown: "NULL" };

/** A number under a name: `SIGKILL`. */
export function named(value: number | bigint, shown: string): Argument {
  return { kind: "value", value, shown };
}

/** A mask, shown as `MS_NOSUID|MS_NODEV`. */
export function flags(mask: number, names: BitNames): Argument {
  return { kind: "value", value: mask >>> 0, shown: decodeBits(mask >>> 0, names) };
}

/** A mode, shown in octal. */
export function mode(value: number): Argument {
  return { kind: "value", value, shown: `0${value.toString(8)}` };
}

/** A pointer to a NUL-terminated string. */
export function text(value: string): Argument {
  return { kind: "bytes", bytes: cstring(value), shown: JSON.stringify(value) };
}

/** A pointer to a structure. */
export function bytes(data: Bytes, shown: string): Argument {
  return { kind: "bytes", bytes: data, shown };
}

/** A pointer to 64-bit words, some of which are pointers themselves. */
export function words(list: readonly (number | bigint | Argument)[], shown: string): Argument {
  return { kind: "words", words: list, shown };
}

/** A pointer to a NULL-terminated array of strings: argv, envp. */
export function textArray(list: readonly string[]): Argument {
  return words([...list.map(text), 0], `[${list.map((item) => JSON.stringify(item)).join(", ")}]`);
}

/** What an earlier step gave: a descriptor, a pid. Each result can be used once. */
export function result(of: Step): Argument {
  return { kind: "result", of };
}

/**
 * The program's own arguments, but for the first word, which is its name, and its own environment: arrays as `execve`
 * takes them. At most one step can have them, and it has both.
 */
export const OWN_ARGUMENTS: Argument = { kind: "start", of: "arguments", shown: "&argv[1]" };
export const OWN_ENVIRONMENT: Argument = { kind: "start", of: "environment", shown: "envp" };

/** What other steps put in by way of a {@link Slot}. */
export const LATER: Argument = { kind: "later" };

/** The address of an argument of a later step, for a call that writes there. */
export function addressOf(slot: Slot): Argument {
  return { kind: "slot", slot, shown: `&argument ${slot.index + 1}` };
}
