/** What a filter sees of a call: `struct seccomp_data` without the instruction pointer. */
export interface SimulatedCall {
  readonly arch: number;
  readonly number: number;
  /** Up to six, 64-bit unsigned; 0 when absent. */
  readonly args?: readonly bigint[];
}

/** What the filter returned, and after how many instructions. */
export interface SimulatedResult {
  readonly value: number;
  readonly steps: number;
}

/**
 * Runs a classic BPF program (`struct sock_filter[]`) on a call, for tests: an interpreter written from the kernel's
 * Documentation/networking/filter.rst and independent of the compiler. Throws on anything that the kernel's checker
 * would refuse: unknown opcodes, loads that are not aligned words within the data, jumps beyond the end.
 */
export function simulate(program: Uint8Array<ArrayBuffer>, call: SimulatedCall): SimulatedResult {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = seccompData(call);
  let accumulator = 0;
  let steps = 0;
  for (let at = 0; at + 8 <= program.byteLength; at += 8) {
    steps++;
    const opcode = code.getUint16(at, true);
    const k = code.getUint32(at + 4, true);
    const jump = (condition: boolean) => at += 8 * code.getUint8(at + (condition ? 2 : 3));
    switch (opcode) {
      case 0x20:
        if (k % 4 !== 0) throw new RangeError(`load from ${k}: not aligned`);
        accumulator = data.getUint32(k, true);
        break;
      case 0x54:
        accumulator = (accumulator & k) >>> 0;
        break;
      case 0x05:
        at += 8 * k;
        break;
      case 0x15:
        jump(accumulator === k);
        break;
      case 0x25:
        jump(accumulator > k);
        break;
      case 0x35:
        jump(accumulator >= k);
        break;
      case 0x45:
        jump((accumulator & k) !== 0);
        break;
      case 0x06:
        return { value: k, steps };
      default:
        throw new RangeError(`unknown opcode ${opcode} in instruction ${at / 8}`);
    }
  }
  throw new RangeError("the program ran off its end");
}

function seccompData({ arch, number, args = [] }: SimulatedCall): DataView {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, arch, true);
  args.forEach((arg, i) => data.setBigUint64(16 + i * 8, arg, true));
  return data;
}
