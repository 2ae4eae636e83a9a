import { CLONE_PARENT } from "../../sys/process_flags.ts";
import type { ProcessSpec } from "../container_spec.ts";
import { KEEPER_FD, RECORD } from "../keeper_layout.ts";
import { Room } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { Place, type Tape } from "../tape/tape.ts";
import { setCapabilities } from "./credential_steps.ts";
import type { Descriptors } from "./descriptors.ts";

/**
 * The last act of a process that comes into a PID namespace where others live already (exec, `--pid container:x`): not
 * itself but a sibling goes there, and only now that there is nothing left in it to be got at. One of the others may have
 * CAP_SYS_PTRACE, and against that nothing helps but to have no more than it: as long as the host was our root it could
 * read the host's files through /proc/PID/root, and while we had all capabilities it could make us use them
 * (CVE-2016-9962).
 *
 * What is added after these steps is the sibling's. `failure` is for a namespace that has ended meanwhile.
 */
export function handOver(
  tape: Tape,
  { process, descriptors, failure }: {
    readonly process: ProcessSpec;
    readonly descriptors: Descriptors;
    readonly failure: (errno: number) => Error;
  },
): void {
  const heir = new Place("the process");
  const record = new Room("heir", RECORD.running);
  const lastPassed = KEEPER_FD.first_of_process + descriptors.passed.length - 1;
  if (process.seccomp !== undefined && !process.noNewPrivileges) {
    setCapabilities(tape, process.capabilities, "the addition that the filter wanted must not be seen there");
  }
  tape.add(
    "close what the engine has passed",
    call.closeRange(KEEPER_FD.record + 1, lastPassed),
    "control groups, namespaces, streams: all of it is used",
  );
  tape.add(
    "clone the process into the PID namespace",
    call.clone(CLONE_PARENT),
    "it is the keeper's child, as we are",
    { onZero: heir, save: { room: record, offset: 0 }, failure },
  );
  tape.add(
    "write its pid into the record",
    call.pwrite64(KEEPER_FD.record, record.at(0), RECORD.running, RECORD.pid),
    "the keeper reads it there when we are gone",
  );
  tape.add("leave it alone", call.exitGroup(0), "all is handed over");
  tape.place(heir);
  tape.add("close the record", call.close(KEEPER_FD.record), "it is the keeper's");
}
