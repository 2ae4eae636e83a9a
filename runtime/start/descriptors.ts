import type { Fd } from "../../sys/fd.ts";
import { KEEPER_FD } from "../keeper_layout.ts";
import { O } from "../../sys/open.ts";
import { type Argument, named, result } from "../tape/argument.ts";
import { type Call, dup3 } from "../tape/call.ts";
import type { Tape } from "../tape/tape.ts";

/**
 * Descriptors that the process itself opens and needs more than once are moved to numbers from here on, because the
 * result of a call can be put into one argument only. High enough that the kernel, which always gives the lowest free
 * number, does not get there; low enough for a limit of 1024 open files.
 */
const FIRST_HELD = 400;

/** Below them, the file in memory of PID 1 (init_steps.ts). */
export const SCRATCH = FIRST_HELD - 1;

/** An open descriptor of the engine and the number under which the program on the tape has it. */
export interface Passed {
  readonly fd: Fd;
  readonly target: number;
}

/** The numbers of all descriptors of a process that is being started. */
export class Descriptors {
  readonly #passed: Passed[] = [];
  #held = FIRST_HELD;

  /** Those that the engine hands over, from {@link KEEPER_FD}.first_of_process on without a gap. */
  get passed(): readonly Passed[] {
    return this.#passed;
  }

  /** Hands over a descriptor; `name` says what it is. */
  pass(fd: Fd, name: string): Argument {
    const target = KEEPER_FD.first_of_process + this.#passed.length;
    this.#passed.push({ fd, target });
    return named(target, `${target} /* ${name} */`);
  }

  /** Opens something on the tape and keeps it under a number that later steps may name as often as they like. */
  hold(tape: Tape, label: string, open: Call, reason: string): number {
    const opened = tape.add(label, open, reason);
    const number = this.#held++;
    tape.add(`keep it as descriptor ${number}`, dup3(result(opened), number, { closeOnExec: true }), HOLD_REASON);
    return number;
  }
}

const HOLD_REASON = "several later steps name it, and a result can be put into one of them only";

/** The path by which a call that takes none but paths reaches an open file. */
export function pathOf(held: number): string {
  return `/proc/self/fd/${held}`;
}

/** For opening what is not to be read, only pointed at. */
export const POINT_AT = O.PATH | O.CLOEXEC;
