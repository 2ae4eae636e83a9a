import { CLONE } from "../../sys/namespace.ts";
import { KEEPER_FD } from "../keeper_layout.ts";
import type { FilesSpec } from "../container_spec.ts";
import { Room } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { Tape } from "../tape/tape.ts";
import type { StartTape } from "./container_tape.ts";
import { Descriptors } from "./descriptors.ts";
import type { Machine } from "./machine.ts";
import { mountSteps } from "./mount_steps.ts";
import { enterRoot, makeRootReadOnly, openedByMounts, openList, openMountSources, passTrees } from "./root_steps.ts";
import type { Fd } from "../../sys/fd.ts";

/**
 * Writes the tape of who holds the files of a container that does not run: its root and its mounts, put together as for a
 * start, in a mount namespace of its own. Nothing of the container is executed. `life` is the reading end of a pipe: when
 * its other end closes, be it because the engine has died, the process ends, and all mounts with it.
 */
export function filesTape(spec: FilesSpec, life: Fd, machine: Machine): StartTape {
  const tape = new Tape(machine.arch);
  const descriptors = new Descriptors(openedByMounts(spec.mounts));
  const alive = descriptors.pass(life, "as long as the engine wants");
  const copied = passTrees(spec.mounts, descriptors);
  tape.add("start a session", call.setsid(), "the terminal of the engine must not send a hang-up");
  tape.add("name the process", call.prctl("SET_NAME", "sauropod-files"), "what ps shows");
  tape.add("close it to tracers", call.prctl("SET_DUMPABLE", 0), "nobody but root looks into it, or through it");
  tape.add("set no mode bits aside", call.umask(0), "what is made below gets the modes that are written there");
  tape.add("unshare the mount namespace", call.unshare(CLONE.NEWNS), "what is mounted here ends with this process");
  const sources = openMountSources(tape, spec.mounts, copied, descriptors);
  const trees = enterRoot(tape, spec, openList(tape, descriptors), descriptors);
  spec.mounts.forEach((mount, i) => mountSteps(tape, mount, sources[i] ?? trees[i], { descriptors, machine }));
  if (spec.root.readonly) makeRootReadOnly(tape);
  tape.add("close the report", call.close(KEEPER_FD.report), "it stands; the engine finds it at /proc/PID/root");
  const nothing = new Room("nothing", 8);
  tape.add("wait for the end of the pipe", call.read(alive, nothing.at(0), 1), "nothing is ever written to it");
  tape.add("end", call.exitGroup(0), "the namespace goes, and its mounts");
  return { tape, descriptors: descriptors.passed };
}
