/**
 * `--init`: PID 1 stays ours. It starts the command, passes on every signal that it gets, reaps what its descendants leave
 * behind, and ends with the command's exit code (128 + n after signal n). That takes arithmetic and decisions, which a
 * tape has not; it borrows them from the kernel:
 *
 * - "if" is FUTEX_CMP_REQUEUE, which compares a word of memory with a number ({@link call.compare});
 * - "a = b" is a pwrite64 into a file in memory, and a pread64 from it;
 * - "a + 128" is what lseek answers after moving by 128 from position a;
 * - "go to" is a call that always gives 0.
 */
import type { ProcessSpec } from "../container_spec.ts";
import { O } from "../../sys/open.ts";
import { CLD_EXITED, packSignalSet, P_ALL, P_PID, SIG_SETMASK, SIGINFO, SIGNAL, WAIT } from "../../sys/process_flags.ts";
import { addressOf, type Argument, bytes, named, NULL, Room, Slot } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { NEXT, Place, type Tape } from "../tape/tape.ts";
import { setCapabilities } from "./process_steps.ts";
import { SCRATCH } from "./descriptors.ts";

const EVERY_SIGNAL = Array.from({ length: 64 }, (_, i) => i + 1);
const SEEK_SET = named(0, "SEEK_SET"), SEEK_CUR = named(1, "SEEK_CUR");

/** Makes the file for "a = b". Before the seccomp filter, which may forbid it. */
export function initFileSteps(tape: Tape): void {
  const file = tape.add("make a file in memory", call.memfdCreate("init"), "PID 1 moves words of memory through it");
  tape.add(
    `keep it as descriptor ${SCRATCH}`,
    call.dup3({ kind: "result", of: file }, SCRATCH, { closeOnExec: true }),
    "several steps name it; the command will not have it",
  );
}

/** Clones the command off; what is added after these steps is the command's. */
export function initSteps(tape: Tape, { capabilities }: ProcessSpec): void {
  const command = new Place("the command"), wait = new Place("wait"), reap = new Place("reap"), next = new Place("next");
  const ended = new Place("the command has ended"), other = new Place("somebody else"), killed = new Place("by a signal");
  const info = new Room("info", 128);
  const pid = info.at(SIGINFO.pid), status = info.at(SIGINFO.status);
  const signalTo = new Slot(0), signal = new Slot(1), mainPid = new Slot(5), zombie = new Slot(1), code = new Slot(0);
  const position = new Slot(1);
  const all = bytes(packSignalSet(EVERY_SIGNAL), "~[]");

  setCapabilities(tape, capabilities, "PID 1 goes on without an execve that would take away the addition");
  tape.add(
    "block all signals",
    call.rtSigprocmask(named(SIG_SETMASK, "SIG_SETMASK"), all),
    "PID 1 waits for them one by one",
  );
  tape.add(
    "clone the command off",
    call.cloneTelling(addressOf(signalTo)),
    "the child is the user's command; its pid goes to the two places below that need it",
    { onZero: command, save: mainPid },
  );
  tape.add("close all that PID 1 has open", call.closeRange(0, SCRATCH - 1), "it must not hold the command's pipes open");
  tape.add(
    "close the rest, too",
    call.closeRange(SCRATCH + 1),
    "the report among them: only the command's execve is to end it",
  );

  tape.place(wait);
  const received = tape.add("wait for a signal", call.rtSigtimedwait(all), "or for the end of a child, which is SIGCHLD", {
    save: signal,
  });
  void received;
  tape.add(
    "see whether a child has ended",
    call.compare(addressOf(signal), named(SIGNAL.CHLD, "SIGCHLD")),
    "everything else is passed on",
    { onZero: reap, onError: next },
  );
  tape.place(next);
  tape.add("pass the signal on", call.kill(0, 0), "to the command alone, as tini does", {
    slots: [signalTo, signal],
    onError: NEXT,
  });
  goTo(tape, wait);

  tape.place(reap);
  tape.add(
    "look who has ended",
    call.waitid(named(P_ALL, "P_ALL"), 0, info.at(0), WAIT.EXITED | WAIT.NOHANG | WAIT.NOWAIT),
    "only a look: its pid decides what is done",
    { onError: wait },
  );
  tape.add("see whether it is nobody", call.compare(pid, 0), "one SIGCHLD may stand for several", {
    onZero: wait,
    onError: NEXT,
  });
  tape.add("see whether it is the command", call.compare(pid, 0), "whose end is that of the container", {
    slots: [mainPid],
    onZero: ended,
    onError: other,
  });
  tape.place(other);
  move(tape, pid, addressOf(zombie), "its pid");
  tape.add(
    "reap it",
    call.waitid(named(P_PID, "P_PID"), 0, NULL, WAIT.EXITED | WAIT.NOHANG),
    "an orphan: nobody else will",
    { slots: [zombie], onError: NEXT },
  );
  goTo(tape, reap);

  tape.place(ended);
  const how = call.compare(info.at(SIGINFO.code), named(CLD_EXITED, "CLD_EXITED"));
  const exited = new Place("by itself");
  tape.add("see how it ended", how, "by itself or by a signal", { onZero: exited, onError: killed });
  tape.place(killed);
  move(tape, status, addressOf(position), "the number of the signal");
  tape.add("go to that position", call.lseek(SCRATCH, 0, SEEK_SET), "the first summand", { slots: [position] });
  const sum = tape.add("add 128", call.lseek(SCRATCH, 128, SEEK_CUR), "128 + n is what a shell says, and Docker", {});
  tape.add("end with 128 + the signal", call.exitGroup({ kind: "result", of: sum }), "and with PID 1 all others");
  tape.place(exited);
  move(tape, status, addressOf(code), "its exit code");
  tape.add("end with the command's code", call.exitGroup(0), "and with PID 1 all others", { slots: [code] });

  tape.place(command);
  tape.add("start a session", call.setsid(), "the command leads its own, as it would without PID 1 of ours", {});
  tape.add("unblock all signals", call.rtSigprocmask(named(SIG_SETMASK, "SIG_SETMASK"), bytes(packSignalSet([]), "[]")), "");
  void O;
}

function goTo(tape: Tape, place: Place): void {
  tape.add("go on", call.schedYield(), "always gives 0, and so is a jump; a filter that forbids it does not matter", {
    onZero: place,
    onError: place,
  });
}

/** Copies 32 bits. */
function move(tape: Tape, from: Argument, to: Argument, what: string): void {
  tape.add(`put ${what} aside`, call.pwrite64(SCRATCH, from, 4, 0), "half of an assignment");
  tape.add(`put ${what} in place`, call.pread64(SCRATCH, to, 4, 0), "the other half");
}
