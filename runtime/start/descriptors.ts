import type { Fd } from "../../sys/fd.ts";
import { KEEPER_FD } from "../keeper_layout.ts";
import { O } from "../../sys/open.ts";
import { type Argument, named, result } from "../tape/argument.ts";
import { type Call, dup3 } from "../tape/call.ts";
import type { StepOptions, Tape } from "../tape/tape.ts";

/** What a process opens at most, beside what the user asked for: checks of folders, masks, a socket, its own folder. */
const OPENED_ALWAYS = 16;

/** An open descriptor of the engine and the number under which the program on the tape has it. */
export interface Passed {
  readonly fd: Fd;
  readonly target: number;
}

/** The numbers of all descriptors of a process that is being started. */
export class Descriptors {
  readonly #passed: Passed[] = [];
  readonly #opened: number;
  #held = 0;

  /** `opened` is how many descriptors the user's wishes make the process open: sources, devices, settings. */
  constructor(opened: number) {
    this.#opened = opened;
  }

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

  /**
   * Opens something on the tape and keeps it under a number that later steps may name as often as they like, while the
   * result of a call can be put into one argument only. The number lies above those that the kernel gives, which are
   * always the lowest free ones; not much above, because the table of open files is as long as the highest says. All is
   * passed before anything is held.
   */
  hold(tape: Tape, label: string, open: Call, reason: string): number {
    const number = this.number();
    this.holdAs(number, tape, label, open, reason);
    return number;
  }

  /** A number for {@link holdAs}. */
  number(): number {
    return KEEPER_FD.first_of_process + this.#passed.length + this.#opened + OPENED_ALWAYS + this.#held++;
  }

  /** The same under a number that may be in use: what it stood for is closed. */
  holdAs(number: number, tape: Tape, label: string, open: Call, reason: string, options: StepOptions = {}): void {
    const opened = tape.add(label, open, reason, options);
    tape.add(`keep it as descriptor ${number}`, dup3(result(opened), number, { closeOnExec: true }), HOLD_REASON);
  }
}

const HOLD_REASON = "several later steps name it, and a result can be put into one of them only";

/** The path by which a call that takes none but paths reaches an open file, from the host's /proc/self/fd. */
export function pathOf(held: number): string {
  return `./${held}`;
}

/** For opening what is not to be read, only pointed at. */
export const POINT_AT = O.PATH | O.CLOEXEC;
