import { ERRNO } from "../../sys/errno.ts";
import { CLONE } from "../../sys/namespace.ts";
import * as call from "../tape/call.ts";
import { Tape } from "../tape/tape.ts";
import type { ExecSpec, Stdio } from "../container_spec.ts";
import { KEEPER_FD } from "../keeper_layout.ts";
import type { StartTape } from "./container_tape.ts";
import { Descriptors } from "./descriptors.ts";
import { keeperSteps } from "./keeper_steps.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { dieWithKeeper, processSteps, stdioOf } from "./process_steps.ts";
import { stepFailed } from "./start_error.ts";
import { conflict } from "../../base/errors.ts";
import { oomScoreSteps } from "./write_steps.ts";

/** Writes the tape that starts a further process in a running container. The same input gives the same tape. */
export function execTape(spec: ExecSpec, stdio: Stdio, machine: Machine = thisMachine()): StartTape {
  const tape = new Tape(machine.arch);
  const descriptors = new Descriptors(0);
  const streams = stdioOf(stdio, descriptors);
  const tasks = spec.cgroup.tasks.map((fd, i) => descriptors.pass(fd, `tasks ${i + 1}`));
  const group = spec.cgroup.group && descriptors.pass(spec.cgroup.group, "control group");
  const target = descriptors.pass(spec.target, "pidfd of the container");

  keeperSteps(tape, {
    newNamespaces: 0,
    group,
    handsOver: true,
    held: streams.held,
    afterwards: "leave",
  });

  dieWithKeeper(
    tape,
    "nobody would write down how we end; a change of user clears this, so it is said again at the end",
  );
  tape.add(
    "close what is the keeper's",
    call.closeRange(KEEPER_FD.record + 1, KEEPER_FD.process),
    "all but the record, which gets the pid of the process",
  );
  for (const file of tasks) {
    tape.add(
      "join the control group",
      call.write(file, "0", 1),
      "0 stands for the writer; the container's limits are ours",
    );
  }
  oomScoreSteps(tape, spec.process);
  tape.add(
    "join the container's namespaces",
    call.setns(target, CLONE.NEWNS | CLONE.NEWNET | CLONE.NEWIPC | CLONE.NEWUTS | CLONE.NEWCGROUP | CLONE.NEWPID),
    "all of the process behind the pidfd at once (Linux 5.8); root and working directory become the container's, and " +
      "our children, not we, get into its PID namespace",
    { failure: ended("join the container's namespaces") },
  );
  const handsOver = { failure: ended("clone the process into the PID namespace") };
  processSteps(tape, spec.process, streams, { init: false, descriptors, machine, handsOver });
  return { tape, descriptors: descriptors.passed };
}

/** The container's process ends when it likes, also between our look at it and the call. */
function ended(label: string): (errno: number) => Error {
  // ENOMEM is what clone says of a PID namespace whose first process has ended (pid_namespaces(7)).
  const gone: readonly number[] = [ERRNO.ESRCH, ERRNO.ENOMEM];
  return (errno) => gone.includes(errno) ? conflict("the container is not running") : stepFailed(label, errno);
}
