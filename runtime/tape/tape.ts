/**
 * A tape: a list of system calls that a tiny program replays in the place of JavaScript, which cannot be in two
 * processes (design section 3). A step is a call with a label, which is what a failure is reported as, and a reason.
 *
 * Unless told otherwise the program goes from step to step, and the first failure is its end: it reports which step it
 * was and the error number. A step may name a {@link Place} to go on at when it fails or gives 0, and where its result
 * is kept.
 */
import type { MachineArch } from "../seccomp/abi.ts";
import { type Argument, type Given, type Room, type Slot, text } from "./argument.ts";
import type { Call } from "./call.ts";
import { internal } from "../../base/errors.ts";

/** A place between two steps that steps before or after it can go to. */
export class Place {
  readonly name: string;
  index: number | undefined;

  constructor(name: string) {
    this.name = name;
  }
}

/** Go on with the next step whether or not this one worked. */
export const NEXT = "next";

export interface StepOptions {
  /** Where to go on when the call fails; absent: the end, reported. */
  readonly onError?: Place | typeof NEXT;
  /** Where to go on when the call gives 0. */
  readonly onZero?: Place;
  /** Where the result is kept (64 bits). A step whose result a later step uses needs none. */
  readonly save?: { readonly room: Room; readonly offset: number } | Slot;
  /** Places that exist once this step does. */
  readonly slots?: readonly Slot[];
  /** The error to report, where there is a better one than the label and the error number. */
  readonly failure?: (errno: number) => Error;
}

export type Actor = "keeper" | "process";

/** One system call on a tape. */
export interface Step {
  readonly index: number;
  readonly actor: Actor;
  readonly call: string;
  readonly args: readonly Argument[];
  readonly label: string;
  readonly reason: string;
  readonly options: StepOptions;
}

/** Where a step's result goes: into a room, or into an argument of a later step. */
export type Save =
  | { readonly room: Room; readonly offset: number }
  | { readonly step: Step; readonly argument: number }
  | Slot;

export class Tape {
  readonly arch: MachineArch;
  readonly steps: Step[] = [];
  /** Who replays the steps that are added from now on. */
  actor: Actor = "keeper";
  readonly #saves = new Map<Step, Save>();

  constructor(arch: MachineArch) {
    this.arch = arch;
  }

  /** Adds a step. `label` reads after "failed to": a verb and its object. */
  add(label: string, call: Call, reason: string, options: StepOptions = {}): Step {
    const args = call.args.map(argument);
    const step: Step = { index: this.steps.length, actor: this.actor, call: call.name, args, label, reason, options };
    args.forEach((arg, index) => {
      if (arg.kind === "result") this.#keep(arg.of, { step, argument: index });
    });
    for (const slot of options.slots ?? []) slot.step = step;
    if (options.save) this.#keep(step, options.save);
    this.steps.push(step);
    return step;
  }

  /** The place before the next step to be added. */
  place(place: Place): void {
    place.index = this.steps.length;
  }

  saveOf(step: Step): Save | undefined {
    return this.#saves.get(step);
  }

  #keep(step: Step, save: Save): void {
    if (this.#saves.has(step)) throw internal(`tape: the result of "${step.label}" is used twice`);
    this.#saves.set(step, save);
  }
}

/** The index of the step at a place; a place that nobody put on the tape is a mistake of its builder. */
export function indexOf(place: Place): number {
  if (place.index === undefined) throw internal(`tape: the place "${place.name}" is not on it`);
  return place.index;
}

/** The index of the step to go on with when `step` fails; undefined if that is fatal. */
export function errorIndex(step: Step): number | undefined {
  const { onError } = step.options;
  if (onError === undefined) return undefined;
  return onError === NEXT ? step.index + 1 : indexOf(onError);
}

function argument(given: Given): Argument {
  if (typeof given === "string") return text(given);
  return typeof given === "number" ? { kind: "value", value: given, shown: String(given) } : given;
}
