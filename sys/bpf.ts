/** bpf(2), as far as cgroups need it: a program that decides who may use which device. */
import { Fd } from "./fd.ts";
import { cstring, invoke, libc } from "./libc.ts";
import { isErrno } from "./syscall_error.ts";

const BPF = Deno.build.arch === "aarch64" ? 280n : 321n;
const BPF_PROG_LOAD = 5, BPF_PROG_ATTACH = 8;
const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
const BPF_CGROUP_DEVICE = 6;
/** Programs of the groups above, and others of this group (systemd's), stay in force beside ours: all must agree. */
const BPF_F_ALLOW_MULTI = 2;

const RLIMIT_MEMLOCK = 8;

function bpf(command: number, attributes: Uint8Array<ArrayBuffer>, object: string, flags: string): number {
  return invoke("bpf", () => libc().bpf(BPF, command, attributes, attributes.byteLength), () => ({ object, flags }));
}

/**
 * Loads a BPF_PROG_TYPE_CGROUP_DEVICE program, given as `struct bpf_insn` after `struct bpf_insn`. It is gone when the
 * descriptor is closed and it is attached nowhere.
 * @throws {SyscallError} EINVAL when the verifier refuses it, EPERM without CAP_BPF
 */
export function loadDeviceProgram(instructions: Uint8Array<ArrayBuffer>): Fd {
  const [code, license] = [instructions.slice(), cstring("MIT")];
  const attributes = new Uint8Array(64); // union bpf_attr up to prog_name (linux/bpf.h)
  const view = new DataView(attributes.buffer);
  view.setUint32(0, BPF_PROG_TYPE_CGROUP_DEVICE, true);
  view.setUint32(4, code.byteLength / 8, true);
  view.setBigUint64(8, address(code), true);
  view.setBigUint64(16, address(license), true);
  attributes.set(new TextEncoder().encode("sauropod_device"), 48);
  const load = () => new Fd(bpf(BPF_PROG_LOAD, attributes, "a device program", "BPF_PROG_LOAD"));
  try {
    return load();
  } catch (error) {
    if (!isErrno(error, "EPERM")) throw error;
    liftLockedMemoryLimit(); // until Linux 5.11 programs count as locked memory, of which even root has but 64 KiB
    return load();
  } finally {
    keepAlive(code, license);
  }
}

/** Attaches a device program to an open cgroup directory of v2; `name` is for the message. */
export function attachDeviceProgram(program: Fd, cgroup: Fd, name: string): void {
  const fields = new Uint32Array([cgroup.number, program.number, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI, 0, 0]);
  bpf(BPF_PROG_ATTACH, new Uint8Array(fields.buffer), `a device program to ${name}`, "BPF_PROG_ATTACH");
}

function liftLockedMemoryLimit(): void {
  const infinity = 0xffff_ffff_ffff_ffffn;
  const limit = new Uint8Array(new BigUint64Array([infinity, infinity]).buffer);
  invoke("prlimit", () => libc().prlimit(0, RLIMIT_MEMLOCK, limit, null), () => ({ object: "RLIMIT_MEMLOCK" }));
}

function address(bytes: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}

/** The kernel reads through plain numbers that the collector does not see: what they point to is used once more here. */
function keepAlive(...buffers: Uint8Array<ArrayBuffer>[]): void {
  for (const buffer of buffers) buffer.fill(0);
}
