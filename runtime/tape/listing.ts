import type { TapeListing } from "../../base/container_engine.ts";
import type { Argument } from "./argument.ts";
import { ELF_TABLE_ADDRESS } from "./elf.ts";
import { ENTRY_WORDS, layOut, syscallNumber } from "./layout.ts";
import { errorIndex, indexOf, type Tape } from "./tape.ts";

/** A tape for people: the entries as they are executed, with the words that their arguments were written in. */
export function listing(tape: Tape): TapeListing {
  const { table } = layOut(tape, ELF_TABLE_ADDRESS);
  return {
    architecture: tape.arch,
    entries: tape.steps.map((step) => {
      const error = errorIndex(step);
      const { onZero } = step.options;
      return {
        index: step.index,
        actor: step.actor,
        call: step.call,
        args: step.args.map(shown),
        raw: step.args.map((arg, i) => isPutIn(arg) ? null : String(table[step.index * ENTRY_WORDS + 1 + i])),
        number: syscallNumber(tape.arch, step.call),
        label: step.label,
        reason: step.reason,
        ...error !== undefined && { onError: error },
        ...onZero !== undefined && { onZero: indexOf(onZero) },
      };
    }),
  };
}

function isPutIn(arg: Argument): boolean {
  return arg.kind === "result" || arg.kind === "later";
}

function shown(arg: Argument): string {
  if (arg.kind === "later") return "put in before";
  return arg.kind === "result" ? `result of ${arg.of.index}` : arg.shown;
}
