import { invalid } from "../../base/errors.ts";

/** Jump conditions of classic BPF that a filter uses, as opcodes (`BPF_JMP | … | BPF_K`); all unsigned. */
export const TEST = { equal: 0x15, greater: 0x25, greaterOrEqual: 0x35, anyBit: 0x45 } as const;

/** The opcode of {@link FilterGraph.load}: `BPF_LD | BPF_W | BPF_ABS`. */
export const LOAD_WORD = 0x20;

/** Part of a filter program: what is done from some point on. Made by {@link FilterGraph} only. */
export type FilterNode =
  | { readonly id: number; readonly kind: "return"; readonly value: number }
  | { readonly id: number; readonly kind: "step"; readonly code: number; readonly k: number; readonly next: FilterNode }
  | {
    readonly id: number;
    readonly kind: "test";
    readonly code: number;
    readonly k: number;
    readonly yes: FilterNode;
    readonly no: FilterNode;
  };

/** `BPF_MAXINSNS`: the kernel takes no longer program. */
const MAX_INSTRUCTIONS = 4096;
/** Both targets of a conditional jump are one byte wide. */
const MAX_JUMP = 255;

const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const JUMP = 0x05; // BPF_JMP | BPF_JA

/**
 * Builds filter programs as a graph from the end to the beginning. Nodes that do the same are the same object, so
 * equal parts appear in the program once.
 */
export class FilterGraph {
  readonly #nodes = new Map<string, FilterNode>();

  /** Ends the program with a value (`SECCOMP_RET_…`). */
  returns(value: number): FilterNode {
    return this.#intern(`return ${value}`, (id) => ({ id, kind: "return", value }));
  }

  /** Loads a 32-bit word of `struct seccomp_data` into the accumulator. */
  load(offset: number, next: FilterNode): FilterNode {
    return this.#step(LOAD_WORD, offset, next);
  }

  /** Keeps only the bits of the mask in the accumulator. */
  and(mask: number, next: FilterNode): FilterNode {
    return this.#step(AND, mask, next);
  }

  /** Compares the accumulator with a constant. */
  test(code: typeof TEST[keyof typeof TEST], k: number, yes: FilterNode, no: FilterNode): FilterNode {
    if (yes === no) return yes;
    return this.#intern(`${code} ${k} ${yes.id} ${no.id}`, (id) => ({ id, kind: "test", code, k, yes, no }));
  }

  #step(code: number, k: number, next: FilterNode): FilterNode {
    if (next.kind === "return") return next;
    return this.#intern(`${code} ${k} ${next.id}`, (id) => ({ id, kind: "step", code, k, next }));
  }

  #intern(key: string, make: (id: number) => FilterNode): FilterNode {
    const found = this.#nodes.get(key);
    if (found !== undefined) return found;
    const node = make(this.#nodes.size);
    this.#nodes.set(key, node);
    return node;
  }
}

interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly k: number;
}

/**
 * The program that starts at a node, as an array of `struct sock_filter` (8 bytes each, little endian). Throws
 * `invalid` when the kernel would refuse it as too long.
 */
export function assemble(start: FilterNode): Uint8Array<ArrayBuffer> {
  const writer = new BackwardWriter();
  writer.begin(start);
  const instructions = writer.finish();
  if (instructions.length > MAX_INSTRUCTIONS) {
    throw invalid(
      `seccomp profile: too long, ${instructions.length} instructions; the kernel takes ${MAX_INSTRUCTIONS}`,
    );
  }
  const bytes = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [i, { code, jumpTrue, jumpFalse, k }] of instructions.entries()) {
    bytes.setUint16(i * 8, code, true);
    bytes.setUint8(i * 8 + 2, jumpTrue);
    bytes.setUint8(i * 8 + 3, jumpFalse);
    bytes.setUint32(i * 8 + 4, k, true);
  }
  return new Uint8Array(bytes.buffer);
}

/**
 * Writes the last instruction first: BPF jumps only forward, so every target is already there when it is jumped to.
 * Positions count from the end of the program.
 */
class BackwardWriter {
  readonly #code: Instruction[] = [];
  readonly #position = new Map<FilterNode, number>();

  /** Makes the node the (so far) first thing that the program does. */
  begin(node: FilterNode): void {
    this.#place(node);
    if (this.#distance(node) > 0) this.#bringNear(node);
  }

  finish(): Instruction[] {
    return this.#code.reverse();
  }

  #place(node: FilterNode): void {
    if (this.#position.has(node)) return;
    switch (node.kind) {
      case "return":
        this.#push(node, { code: RETURN, jumpTrue: 0, jumpFalse: 0, k: node.value });
        break;
      case "step":
        this.begin(node.next);
        this.#push(node, { code: node.code, jumpTrue: 0, jumpFalse: 0, k: node.k });
        break;
      case "test":
        this.#place(node.no);
        this.#place(node.yes);
        while (this.#distance(node.no) > MAX_JUMP || this.#distance(node.yes) > MAX_JUMP) {
          for (const target of [node.no, node.yes]) {
            if (this.#distance(target) > MAX_JUMP) this.#bringNear(target);
          }
        }
        this.#push(node, {
          code: node.code,
          jumpTrue: this.#distance(node.yes),
          jumpFalse: this.#distance(node.no),
          k: node.k,
        });
    }
  }

  /** Puts a copy of the node here if it is one instruction long, else a jump to it (`BPF_JA` reaches any distance). */
  #bringNear(node: FilterNode): void {
    const instruction = node.kind === "return"
      ? { code: RETURN, jumpTrue: 0, jumpFalse: 0, k: node.value }
      : { code: JUMP, jumpTrue: 0, jumpFalse: 0, k: this.#distance(node) };
    this.#push(node, instruction);
  }

  #push(node: FilterNode, instruction: Instruction): void {
    this.#position.set(node, this.#code.length);
    this.#code.push(instruction);
  }

  /** How many instructions lie between the next one to be written and the node. */
  #distance(node: FilterNode): number {
    return this.#code.length - (this.#position.get(node) ?? -Infinity) - 1;
  }
}
