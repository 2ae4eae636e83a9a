import type { ProcessSpec } from "../container_spec.ts";
import {
  CLD_EXITED,
  CLONE_PARENT_SETTID,
  P_ALL,
  P_PID,
  packSignalSet,
  SIGINFO,
  SIGNAL,
  WAIT,
} from "../../sys/process_flags.ts";
import { addressOf, type Argument, bytes, LATER, named, NULL, result, Room, Slot } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { NEXT, Place, type Tape } from "../tape/tape.ts";
import { setCapabilities } from "./credential_steps.ts";
import type { Descriptors } from "./descriptors.ts";

const EVERY_SIGNAL = bytes(packSignalSet(Array.from({ length: 64 }, (_, i) => i + 1)), "~[]");
const SEEK_SET = named(0, "SEEK_SET"), SEEK_CUR = named(1, "SEEK_CUR");
const TIOCSPGRP = named(0x5410, "TIOCSPGRP");

/**
 * `--init`: PID 1 stays ours. It starts the command, passes on every signal that it gets, reaps what its descendants leave
 * behind, and ends with the command's exit code (128 + n after signal n). That takes decisions and arithmetic, which a
 * tape does not have; it borrows them from the kernel:
 *
 * - "if" is FUTEX_CMP_REQUEUE, which compares a word of memory with a number ({@link call.compare});
 * - "a = b" is a pwrite64 into a file in memory, and a pread64 from it;
 * - "a + 128" is what lseek answers when it moves on by 128 from position a;
 * - "go to" is a call that always gives 0.
 */
export class Init {
  readonly #process: ProcessSpec;
  readonly #descriptors: Descriptors;
  /** The file in memory. */
  #file = -1;
  readonly #start = new Place("PID 1");
  /** The two places that need the command's pid. */
  readonly #signalTo = new Slot(0);
  readonly #isCommand = new Slot(5);

  constructor(process: ProcessSpec, descriptors: Descriptors) {
    this.#process = process;
    this.#descriptors = descriptors;
  }

  /** What has to be done before the seccomp filter, which may forbid it. */
  prepare(tape: Tape): void {
    tape.add("name PID 1", call.prctl("SET_NAME", "sauropod-init"), "what ps shows");
    const reason = "PID 1 moves words of memory through it; the command will not have it";
    this.#file = this.#descriptors.hold(tape, "make a file in memory", call.memfdCreate("init"), reason);
  }

  /** Clones the command off: PID 1 goes to its loop, and what is added after these steps is the command's. */
  cloneCommand(tape: Tape): void {
    const command = new Place("the command");
    setCapabilities(
      tape,
      this.#process.capabilities,
      "PID 1 never comes to an execve, which would take away the addition",
    );
    tape.add(
      "clone the command off",
      call.clone(CLONE_PARENT_SETTID, addressOf(this.#signalTo)),
      "its pid goes to the two steps of PID 1 that need it; all signals are still blocked",
      { onZero: command, save: this.#isCommand },
    );
    goTo(tape, this.#start);
    tape.place(command);
    tape.add(
      "die with PID 1",
      call.prctl("SET_PDEATHSIG", named(SIGNAL.KILL, "SIGKILL")),
      "a clone does not inherit it",
      {
        onError: NEXT, // where PID 1 is that of a namespace of its own the kernel sees to it anyway
      },
    );
    tape.add("lead a process group", call.setpgid(0, 0), "as a shell would start it");
    if (!this.#process.terminal) return;
    const group = new Room("group", 8);
    tape.add("get its number", call.getpid(), "the leader's pid", { save: { room: group, offset: 0 } });
    tape.add("come to the front of the terminal", call.ioctl(0, TIOCSPGRP, group.at(0)), "Ctrl-C is for the command");
  }

  /** The life of PID 1. */
  loop(tape: Tape): void {
    const wait = new Place("wait"), look = new Place("look"), pass = new Place("pass"), ended = new Place("ended");
    const info = new Room("info", 128);
    const signal = new Slot(1);
    tape.place(this.#start);
    const why = "pipes, terminal and report are the command's: whoever waits for their end must not wait for PID 1";
    tape.add("close what the command has open", call.closeRange(0, this.#file - 1), why);
    tape.add("close what was held", call.closeRange(this.#file + 1), why);

    tape.place(wait);
    tape.add("wait for a signal", call.rtSigtimedwait(EVERY_SIGNAL), "SIGCHLD: a child has ended", { save: signal });
    tape.add(
      "see whether a child has ended",
      call.compare(addressOf(signal), named(SIGNAL.CHLD, "SIGCHLD")),
      "everything else is passed on",
      { onZero: look, onError: pass },
    );
    tape.place(pass);
    tape.add("pass the signal on", call.kill(LATER, LATER), "to the command alone, as tini does", {
      slots: [this.#signalTo, signal],
      onError: NEXT,
    });
    goTo(tape, wait);

    tape.place(look);
    this.#reap(tape, info, { wait, look, ended });
    tape.place(ended);
    this.#end(tape, info);
  }

  #reap(tape: Tape, info: Room, { wait, look, ended }: { wait: Place; look: Place; ended: Place }): void {
    const other = new Place("not the command"), zombie = new Slot(1);
    const pid = info.at(SIGINFO.pid);
    tape.add(
      "look who has ended",
      call.waitid(named(P_ALL, "P_ALL"), 0, info.at(0), WAIT.EXITED | WAIT.NOHANG | WAIT.NOWAIT),
      "only a look: who it is decides what is done",
      { onError: wait },
    );
    tape.add("see whether it is nobody", call.compare(pid, 0), "one SIGCHLD may stand for several ends", {
      onZero: wait,
      onError: NEXT,
    });
    tape.add("see whether it is the command", call.compare(pid, LATER), "its end is that of the container", {
      slots: [this.#isCommand],
      onZero: ended,
      onError: other,
    });
    tape.place(other);
    this.#assign(tape, addressOf(zombie), pid, "its pid");
    tape.add(
      "reap it",
      call.waitid(named(P_PID, "P_PID"), LATER, NULL, WAIT.EXITED | WAIT.NOHANG),
      "an orphan: nobody else will",
      { slots: [zombie], onError: NEXT },
    );
    goTo(tape, look);
  }

  #end(tape: Tape, info: Room): void {
    const exited = new Place("by itself"), killed = new Place("by a signal");
    const position = new Slot(1), code = new Slot(0);
    const status = info.at(SIGINFO.status);
    tape.add(
      "see how the command ended",
      call.compare(info.at(SIGINFO.code), named(CLD_EXITED, "CLD_EXITED")),
      "by itself or by a signal",
      { onZero: exited, onError: killed },
    );
    tape.place(killed);
    this.#assign(tape, addressOf(position), status, "the number of the signal");
    tape.add("go to that position", call.lseek(this.#file, LATER, SEEK_SET), "the first summand", {
      slots: [position],
    });
    const sum = tape.add(
      "go on by 128",
      call.lseek(this.#file, 128, SEEK_CUR),
      "the second; the new position is the sum",
    );
    tape.add("end with 128 + the signal", call.exitGroup(result(sum)), "all that is left in the namespace ends, too");
    tape.place(exited);
    this.#assign(tape, addressOf(code), status, "the exit code");
    tape.add("end with the command's code", call.exitGroup(LATER), "all that is left in the namespace ends, too", {
      slots: [code],
    });
  }

  /** Copies 32 bits. */
  #assign(tape: Tape, to: Argument, from: Argument, what: string): void {
    tape.add(`put ${what} aside`, call.pwrite64(this.#file, from, 4, 0), "half of an assignment");
    tape.add(`put ${what} in place`, call.pread64(this.#file, to, 4, 0), "the other half");
  }
}

function goTo(tape: Tape, place: Place): void {
  tape.add("go on", call.schedYield(), "always gives 0, and so is a jump", { onZero: place, onError: place });
}
