/**
 * The keeper's part of a tape: it clones the process, waits for it, writes down how it ended, and holds the ends of its
 * streams. Nothing else; it takes no orders but one signal.
 */
import { CLONE_PIDFD, packDefaultAction, packSignalSet, SA_NOCLDSTOP, SIGNAL, WAIT } from "../../sys/process_flags.ts";
import { KEEPER_FD, RECORD } from "../keeper_layout.ts";
import { addressOf, type Argument, bytes, LATER, named, NULL, Room, Slot } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { NEXT, Place, type Tape } from "../tape/tape.ts";

export interface KeeperPart {
  /** CLONE_ flags of the namespaces that the process gets for its own. */
  readonly newNamespaces: number;
  /** The control group (v2) that it is cloned into. */
  readonly group: Argument | undefined;
  /** The cloned process only prepares, and hands over to another child of the keeper (see hand_over.ts). */
  readonly handsOver: boolean;
  /** Which of the stdio descriptors of {@link KEEPER_FD} are there. */
  readonly held: ReadonlySet<number>;
  /** What happens when the record is written: a container's keeper stays, that of an exec leaves. */
  readonly afterwards: "stay" | "leave";
}

const CHILD_ENDED = bytes(packSignalSet([SIGNAL.CHLD]), "[CHLD]");
const STDIO = [KEEPER_FD.stdin, KEEPER_FD.stdout, KEEPER_FD.stderr];

/** Adds the keeper's steps; what is added after them belongs to the process. */
export function keeperSteps(tape: Tape, part: KeeperPart): void {
  const child = new Place("the process");
  const record = new Room("record", RECORD.ended);
  tape.actor = "keeper";
  const end = new Place("the end of the keeper"), ended = new Place("ended");
  beforeClone(tape);
  if (part.handsOver) cloneHelper(tape, part, child, end);
  else cloneProcess(tape, part, record, child);
  letGo(tape);
  if (part.handsOver) lookFirst(tape, record, ended);
  waitForEnd(tape, record, ended);
  tape.add(
    "get the time",
    call.clockGettimeRealtime(record.at(RECORD.seconds)),
    "the moment at which the process was found ended",
  );
  tape.add(
    "write the end into the record",
    call.pwrite64(KEEPER_FD.record, record.at(RECORD.status), RECORD.ended - RECORD.status, RECORD.status),
    "status and time in one write: whoever reads sees both or none, also an engine that is started later",
  );
  tape.add(
    "close the pipe that says so",
    call.close(KEEPER_FD.ended_writer),
    "the engine watches its other end",
  );
  if (part.afterwards === "stay") {
    tape.add(
      "wait to be killed",
      call.ppollForever(),
      "what is still in the pipes goes when the last descriptor does; the engine ends us when it has read everything",
    );
  }
  tape.place(end);
  tape.add("end the keeper", call.exitGroup(0), "nothing is left to be kept");
  tape.place(child);
  tape.actor = "process";
}

function beforeClone(tape: Tape): void {
  tape.add(
    "start a session for the keeper",
    call.setsid(),
    "the terminal of the engine must not send it a hang-up, and it must be in nobody's job",
  );
  tape.add(
    "name the keeper",
    call.prctl("SET_NAME", "sauropod-keeper"),
    "what ps shows would be the number of a descriptor; 15 bytes are all that fit",
  );
  tape.add(
    "close the keeper to tracers",
    call.prctl("SET_DUMPABLE", 0),
    "a process of the container that sees us, or our child before it executes, must not look into us by ptrace or " +
      "/proc/PID/fd (CVE-2016-9962); inherited by the clone, set back by execve",
  );
  tape.add("leave the engine's folder", call.chdir("/"), "a long-lived process keeps no file system busy");
  tape.add(
    "hear of the process's end only",
    call.rtSigaction(named(SIGNAL.CHLD, "SIGCHLD"), bytes(packDefaultAction(SA_NOCLDSTOP), "{SIG_DFL, SA_NOCLDSTOP}")),
    "a SIGCHLD for a mere stop would look like the other signal below; before the clone, because setting SIG_DFL throws " +
      "away a SIGCHLD that is pending, and then we would wait for ever for a process that was fast (signal(7))",
  );
}

function cloneProcess(tape: Tape, part: KeeperPart, record: Room, child: Place): void {
  const { newNamespaces } = part;
  const pidfd = new Room("pidfd", 8);
  atProcess(tape, part, () => {
    tape.add(
      newNamespaces === 0 ? "clone the process" : "clone the process into its namespaces",
      cloneCall(part, newNamespaces | CLONE_PIDFD, pidfd.at(0)),
      "the child goes on with the part of the process; the pidfd names it for ever, its pid only until it is reaped",
      { onZero: child, save: { room: record, offset: RECORD.pid } },
    );
  });
  tape.add(
    "write the pid into the record",
    call.pwrite64(KEEPER_FD.record, record.at(RECORD.pid), RECORD.running, RECORD.pid),
    "before the report is closed: when the engine sees that end the pid is there",
  );
}

/** Into the group where there is one (v2): no moment in which it is not limited, and no wait (see CgroupEntry). */
function cloneCall({ group }: KeeperPart, cloneFlags: number, pidfd?: Argument): call.Call {
  return group === undefined ? call.clone(cloneFlags, pidfd) : call.cloneInto(group, cloneFlags, pidfd);
}

/** The descriptor that `open` opens is that of the process: for that all numbers below must be taken. */
function atProcess(tape: Tape, { held }: KeeperPart, open: () => void): void {
  const free = STDIO.filter((fd) => !held.has(fd));
  for (const fd of free) {
    tape.add(
      `occupy descriptor ${fd}`,
      call.dup3(0, fd, { closeOnExec: true }),
      `so that ${KEEPER_FD.process} is the lowest free number, which the pidfd then gets`,
    );
  }
  open();
  for (const fd of free) tape.add(`free descriptor ${fd}`, call.close(fd), "it stands for a stream that is not there");
}

/** Clones who prepares, waits until it has handed over, and takes the process that it has cloned for us. */
function cloneHelper(tape: Tape, part: KeeperPart, child: Place, end: Place): void {
  const helper = new Slot(0), pid = new Slot(0);
  tape.add(
    "clone who prepares the process",
    cloneCall(part, part.newNamespaces),
    "the child goes on with the part of the process; where others can see it comes only the one that it clones",
    { onZero: child, save: helper },
  );
  tape.add("wait until it has handed over", call.wait4(LATER, NULL, WAIT.WALL), "or has reported what failed", {
    slots: [helper],
  });
  tape.add("forget the signal of its end", call.takeSignal(CHILD_ENDED), "the next one is that of the process", {
    onError: NEXT,
  });
  tape.add(
    "read the pid from the record",
    call.pread64(KEEPER_FD.record, addressOf(pid), RECORD.running, RECORD.pid),
    "none: it has failed, and said so",
    { onZero: end },
  );
  atProcess(tape, part, () => {
    tape.add("open the process", call.pidfdOpen(LATER), "our child: nobody but us reaps it", { slots: [pid] });
  });
}

/** The process may have ended together with who prepared it, and two signals of a kind that wait are one. */
function lookFirst(tape: Tape, record: Room, ended: Place): void {
  const runs = new Place("it runs");
  tape.add(
    "see whether it has ended already",
    call.wait4(-1, record.at(RECORD.status), WAIT.NOHANG | WAIT.WALL),
    "its signal may have been taken for the other's",
    { onZero: runs },
  );
  tape.add("go on", call.schedYield(), "always gives 0, and so is a jump", { onZero: ended });
  tape.place(runs);
}

function letGo(tape: Tape): void {
  tape.add(
    "close the report",
    call.close(KEEPER_FD.report),
    "from here on only the process holds it, and loses it when it executes the command",
  );
  tape.add(
    "close what belongs to the process",
    call.closeRange(KEEPER_FD.first_of_process),
    "as long as we held the writing end of stdout nobody would ever read its end",
  );
}

/** SIGUSR1 comes at most once, and only where there is a stdin. */
function waitForEnd(tape: Tape, record: Room, ended: Place): void {
  const closeStdin = new Place("close stdin");
  const status = record.at(RECORD.status);
  const signals = bytes(packSignalSet([SIGNAL.CHLD, SIGNAL.USR1]), "[CHLD USR1]");
  tape.add(
    "wait for a signal",
    call.rtSigtimedwait(signals),
    "all signals are blocked since the start; SIGCHLD: it has ended, SIGUSR1: close its stdin",
  );
  tape.add(
    "take the status of the process",
    call.wait4(-1, status, WAIT.NOHANG | WAIT.WALL),
    "nothing to take: then the signal was SIGUSR1",
    { onZero: closeStdin },
  );
  tape.add("go on", call.schedYield(), "always gives 0, and so is a jump", { onZero: ended });
  tape.place(closeStdin);
  tape.add("close the process's stdin", call.close(KEEPER_FD.stdin), "so that it reads the end of it", {
    onError: NEXT,
  });
  tape.add("wait for the end of the process", call.wait4(-1, status, WAIT.WALL), "no second signal is waited for");
  tape.place(ended);
}
