/** What every process does last, the first one of a container as well as an exec: streams, rights, the command. */
import { KEEPER_FD } from "../keeper_layout.ts";
import type { ProcessSpec, Stdio } from "../container_spec.ts";
import { O, RESOLVE } from "../../sys/open.ts";
import { packRlimit } from "../../sys/process_flags.ts";
import { RLIMIT_INFINITY, RLIMITS } from "../rlimits.ts";
import { type Argument, bytes, named, result, Room } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { NEXT, Place, type Tape } from "../tape/tape.ts";
import { credentialSteps } from "./credential_steps.ts";
import { commandSteps } from "./command_steps.ts";
import type { Descriptors } from "./descriptors.ts";
import { handOver } from "./hand_over.ts";
import { Init } from "./init_steps.ts";
import type { Machine } from "./machine.ts";
import { badWorkingDirectory } from "./start_error.ts";

/** The streams of the process, and which of the keeper's ends are there. */
export interface Streams {
  readonly terminal: boolean;
  readonly stdin: Argument;
  readonly stdout: Argument;
  readonly stderr: Argument;
  readonly held: ReadonlySet<number>;
}

/** Passes the streams on. */
export function stdioOf(stdio: Stdio, descriptors: Descriptors): Streams {
  const { stdin, stdout, stderr } = stdio.process;
  const held = (["stdin", "stdout", "stderr"] as const).filter((name) => stdio.engine[name] !== undefined);
  return {
    terminal: stdio.terminal,
    stdin: descriptors.pass(stdin, "stdin"),
    stdout: descriptors.pass(stdout, "stdout"),
    stderr: descriptors.pass(stderr, "stderr"),
    held: new Set(held.map((name) => KEEPER_FD[name])),
  };
}

export interface Surroundings {
  /** A process of ours stays as PID 1. */
  readonly init: boolean;
  readonly descriptors: Descriptors;
  readonly machine: Machine;
  /** The PID namespace has others in it: see hand_over.ts; with the error for one that has ended. */
  readonly handsOver?: { readonly failure: (errno: number) => Error };
}

export function processSteps(tape: Tape, process: ProcessSpec, streams: Streams, around: Surroundings): void {
  tape.add(
    "leave the keyring",
    call.joinSessionKeyring(),
    "the one of the engine's session may hold keys of the host",
    {
      onError: NEXT, // a kernel without keyrings, or root's quota is used up: masked /proc/keys and seccomp remain
    },
  );
  for (const { resource, soft, hard } of process.rlimits) {
    const name = Object.entries(RLIMITS).find(([, number]) => number === resource)?.[0] ?? String(resource);
    const shown = `{${[soft, hard].map((limit) => limit === RLIMIT_INFINITY ? "RLIM_INFINITY" : limit).join(", ")}}`;
    tape.add(
      `set ulimit ${name}=${soft}:${hard} (above the hard limit of the engine it takes CAP_SYS_RESOURCE)`,
      call.prlimit64(named(resource, `RLIMIT_${name.toUpperCase()}`), bytes(packRlimit(soft, hard), shown)),
      "while we have the right to raise it",
    );
  }
  tape.add("set the umask", call.umask(0o022), "everybody's default");
  if (around.handsOver === undefined) startSession(tape);
  streamSteps(tape, streams);
  if (around.handsOver === undefined) takeTerminal(tape, streams);
  enterFolder(tape, process);
  credentialSteps(tape, process, around.machine);
  dieWithKeeper(tape, "again: the change of user has cleared it");
  if (process.noNewPrivileges) {
    tape.add(
      "give up new privileges",
      call.prctl("SET_NO_NEW_PRIVS", 1),
      "set-user-ID programs are plain ones from here on",
    );
  }
  closeSteps(tape, around);
  const { handsOver, descriptors } = around;
  commandSteps(tape, process, around.init ? new Init(process, descriptors) : undefined, () => {
    if (handsOver === undefined) return;
    handOver(tape, { process, descriptors, ...handsOver });
    dieWithKeeper(tape, "a clone does not inherit it");
    startSession(tape);
    takeTerminal(tape, streams);
  });
}

export function dieWithKeeper(tape: Tape, reason: string): void {
  tape.add("die with the keeper", call.prctl("SET_PDEATHSIG", named(9, "SIGKILL")), reason);
}

function startSession(tape: Tape): void {
  tape.add(
    "start a session",
    call.setsid(),
    "signals to the group of the keeper are not for us, and a terminal wants it",
  );
}

function streamSteps(tape: Tape, { stdin, stdout, stderr }: Streams): void {
  [stdin, stdout, stderr].forEach((stream, number) => {
    const name = ["stdin", "stdout", "stderr"][number];
    tape.add(
      `make it ${name}`,
      call.dup3(stream, number, { closeOnExec: false }),
      "until here 0, 1 and 2 were /dev/null, so that nothing of ours could go to the user",
    );
  });
}

function takeTerminal(tape: Tape, { terminal }: Streams): void {
  if (!terminal) return;
  tape.add(
    "take the terminal as the controlling one",
    call.ioctl(0, named(0x540e, "TIOCSCTTY"), 0),
    "Ctrl-C and hang-ups reach the process group in front",
  );
}

/**
 * Goes to the working directory as root, and where root may not (a network file system that squashes root) with the
 * user's rights: what runc does, too.
 */
function enterFolder(tape: Tape, { cwd, user }: ProcessSpec): void {
  const here = new Place("in the working directory");
  const failure = (errno: number) => badWorkingDirectory(cwd, errno);
  // By a descriptor, because only opening can be told to follow none of the links in /proc/PID/fd: one of those led to
  // the host once (CVE-2024-21626).
  const open = call.openat2(
    call.AT_FDCWD,
    cwd,
    O.PATH | O.DIRECTORY | O.CLOEXEC,
    RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS,
  );
  tape.add("go to /", call.chdir("/"), "the next step takes the current folder for the root");
  const opened = tape.add(`open ${cwd}`, open, "the working directory, in the container whatever its path says", {
    failure,
  });
  if (user.uid === 0) {
    tape.add(`go to ${cwd}`, call.fchdir(result(opened)), "the command starts there", { failure });
  } else {
    const reason = "with the rights of root first: docker lets a user start in a folder that is closed to him";
    tape.add(`go to ${cwd}`, call.fchdir(result(opened)), reason, { onError: NEXT, onZero: here });
    const asUser = "root may be nobody on a network file system";
    tape.add("try with the user's group", call.setfsgid(user.gid), asUser);
    tape.add("try with the user's rights", call.setfsuid(user.uid), asUser);
    tape.add(`go to ${cwd}`, call.chdir(cwd), asUser, { failure });
    tape.add("be root again", call.setfsuid(0), "for the steps below");
    tape.add("be root again", call.setfsgid(0), "for the steps below");
    tape.place(here);
  }
  checkFolder(tape, cwd);
}

/** The kernel writes "(unreachable)" before the path of a folder that is outside of the root (getcwd(3)). */
function checkFolder(tape: Tape, cwd: string): void {
  const path = new Room("cwd", 4096);
  const outside = new Place("outside"), inside = new Place("inside");
  tape.add("get the path of it", call.getcwd(path.at(0), path.size), "as seen from the root of the container");
  tape.add(
    "see whether it is outside",
    call.compare(path.at(0), named(0x726e_7528, '"(unr"')),
    "a folder outside of the root is (unreachable); a second look at what the way of opening it has ruled out",
    { onZero: outside, onError: inside },
  );
  tape.place(outside);
  tape.add(`refuse ${cwd}`, call.fchdir(-1), "always fails: the folder is outside of the container");
  tape.place(inside);
}

function closeSteps(tape: Tape, { descriptors, machine }: Surroundings): void {
  const reason = "nothing of ours may be open in the command (CVE-2024-21626); the end of the report says that it runs";
  if (machine.closeRangeOnExec) {
    tape.add("mark all descriptors close-on-exec", call.closeRangeOnExec(KEEPER_FD.report), reason);
    return;
  }
  // What the tape itself opened is close-on-exec from the start.
  for (const number of [KEEPER_FD.report, ...descriptors.passed.map(({ target }) => target)]) {
    tape.add(`mark descriptor ${number} close-on-exec`, call.setCloseOnExec(number), reason);
  }
}
