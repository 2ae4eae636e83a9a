import { internal } from "../../base/errors.ts";
import type { Bytes } from "../../base/container_engine.ts";
import { SYSCALLS_AARCH64 } from "../seccomp/syscalls_aarch64.ts";
import { SYSCALLS_X86_64 } from "../seccomp/syscalls_x86_64.ts";
import type { MachineArch } from "../seccomp/abi.ts";
import { type Argument, type Room, Slot } from "./argument.ts";
import type { StartWords } from "./starter.ts";
import { errorIndex, indexOf, type Save, type Step, type Tape } from "./tape.ts";

/** Words of an entry: number, six arguments, save, on_error, on_zero. */
export const ENTRY_WORDS = 10;
const SAVE = 7;
const WORD = 8;

const NUMBERS: Readonly<Record<MachineArch, Readonly<Record<string, number>>>> = {
  x86_64: SYSCALLS_X86_64,
  aarch64: SYSCALLS_AARCH64,
};

/** A tape as it lies in memory: the table, the constants after it, and after those `roomSize` bytes of zeros. */
export interface Layout {
  readonly image: Bytes;
  readonly roomSize: number;
  /** The entries as 64-bit words, a view of the image. */
  readonly table: BigUint64Array<ArrayBuffer>;
  /** Where the program has to put what it finds on its stack; absent if no step wants that. */
  readonly startWords?: StartWords;
}

/** The number of a system call; one that the machine lacks is a mistake of who wrote the step (use the `…at` form). */
export function syscallNumber(arch: MachineArch, call: string): number {
  const number = NUMBERS[arch][call];
  if (number === undefined) throw internal(`tape: ${arch} has no system call ${call}`);
  return number;
}

/** Lays the tape out for the address `base` (below 2^32). Equal tapes give equal bytes. */
export function layOut(tape: Tape, base: number): Layout {
  const constants = new Constants(base + tape.steps.length * ENTRY_WORDS * WORD);
  const words: (readonly (number | bigint)[])[] = [];
  const entryAddress = (index: number) => base + index * ENTRY_WORDS * WORD;
  const slotAddress = (step: Step, index: number) => entryAddress(step.index) + (1 + index) * WORD;
  const addressOfSlot = ({ step, index }: Slot) => {
    if (step === undefined) throw internal("tape: a slot is written to that is on no step");
    return slotAddress(step, index);
  };
  const rooms: InRooms[] = [];
  const started: Partial<Record<keyof StartWords, number>> = {};

  // A filter or an environment that several steps point to is stored once.
  const stored = new Map<Argument, number>();
  const constantOf = (arg: Argument & { kind: "bytes" | "words" }): number => {
    const known = stored.get(arg);
    if (known !== undefined) return known;
    const address = arg.kind === "bytes" ? constants.add(arg.bytes, arg.shown) : structure(arg.words);
    stored.set(arg, address);
    return address;
  };
  const structure = (fields: readonly (number | bigint | Argument)[]): number => {
    const inside: InRooms[] = [];
    const values = fields.map((field, i) => typeof field === "object" ? valueOf(field, i, inside) : field);
    const address = constants.addWords(values);
    const first = (address - base) / WORD;
    rooms.push(...inside.map(({ fill, index }) => ({ fill, index: first + index })));
    return address;
  };
  const valueOf = (arg: Argument, index: number, later: InRooms[]): number | bigint => {
    switch (arg.kind) {
      case "value":
        return arg.value;
      case "bytes":
      case "words":
        return constantOf(arg);
      case "room":
        later.push({ fill: (address) => address + constants.room(arg.room) + arg.offset, index });
        return 0;
      case "slot":
        return addressOfSlot(arg.slot);
      case "start":
        if (started[arg.of] !== undefined) throw internal(`tape: its own ${arg.of} are used twice`);
        started[arg.of] = base + index * WORD;
        return 0;
      case "result":
      case "later":
        return 0;
    }
  };
  const saveAddress = (save: Save | undefined, index: number): number => {
    if (save === undefined) return 0;
    if (save instanceof Slot) return addressOfSlot(save);
    if ("step" in save) return slotAddress(save.step, save.argument);
    rooms.push({ fill: (address) => address + constants.room(save.room) + save.offset, index });
    return 0;
  };

  for (const step of tape.steps) {
    const first = step.index * ENTRY_WORDS;
    const { onZero } = step.options;
    const error = errorIndex(step);
    const args = step.args.map((arg, i) => valueOf(arg, first + 1 + i, rooms));
    const save = saveAddress(tape.saveOf(step), first + SAVE);
    while (args.length < SAVE - 1) args.push(0);
    words.push([
      syscallNumber(tape.arch, step.call),
      ...args,
      save,
      error === undefined ? 0 : entryAddress(error),
      onZero === undefined ? 0 : entryAddress(indexOf(onZero)),
    ]);
  }
  const startWords = started.arguments !== undefined && started.environment !== undefined &&
    { arguments: started.arguments, environment: started.environment };
  return { ...compose(words, constants, rooms), ...startWords && { startWords } };
}

/** A word of the image that is an address in the rooms, which lie behind all that is still to be added. */
interface InRooms {
  readonly fill: (roomsAddress: number) => number;
  readonly index: number;
}

function compose(
  words: readonly (readonly (number | bigint)[])[],
  constants: Constants,
  rooms: readonly InRooms[],
): Omit<Layout, "startWords"> {
  const tableSize = words.length * ENTRY_WORDS * WORD;
  const image = new Uint8Array(tableSize + constants.size);
  const table = new BigUint64Array(image.buffer, 0, words.length * ENTRY_WORDS);
  let at = 0;
  for (const entry of words) {
    for (const word of entry) {
      if (word !== 0) table[at] = BigInt(word);
      at++;
    }
  }
  constants.writeTo(image, tableSize);
  const all = new BigUint64Array(image.buffer);
  for (const { fill, index } of rooms) all[index] = BigInt(fill(constants.end));
  return { image, roomSize: constants.roomSize, table };
}

/** What lies behind the table: constant data, equal texts once, each at a multiple of 8. */
class Constants {
  readonly #start: number;
  readonly #parts: Bytes[] = [];
  readonly #known = new Map<string, number>();
  readonly #rooms = new Map<Room, number>();
  size = 0;
  roomSize = 0;

  constructor(start: number) {
    this.#start = start;
  }

  /** Where rooms begin, once all constants are there. */
  get end(): number {
    return this.#start + this.size;
  }

  /** Adds data and returns its address; what is shown as the same string literal is the same data. */
  add(data: Bytes, shown: string): number {
    const literal = shown.startsWith('"');
    const known = literal ? this.#known.get(shown) : undefined;
    if (known !== undefined) return known;
    const address = this.#start + this.size;
    if (literal) this.#known.set(shown, address);
    this.#parts.push(data);
    this.size += padded(data.length);
    return address;
  }

  addWords(words: readonly (number | bigint)[]): number {
    return this.add(new Uint8Array(new BigUint64Array(words.map(BigInt)).buffer), "");
  }

  /** The offset of a room among the rooms. */
  room(room: Room): number {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const offset = this.roomSize;
    this.#rooms.set(room, offset);
    this.roomSize += padded(room.size);
    return offset;
  }

  writeTo(image: Bytes, offset: number): void {
    for (const part of this.#parts) {
      image.set(part, offset);
      offset += padded(part.length);
    }
  }
}

function padded(size: number): number {
  return (size + WORD - 1) & ~(WORD - 1);
}
