/** Files that live in memory only (memfd_create(2)). */
import { decodeBits } from "./bits.ts";
import { ERRNO } from "./errno.ts";
import { Fd } from "./fd.ts";
import { cstring, invoke, lastErrno, libc } from "./libc.ts";
import { SyscallError } from "./syscall_error.ts";

/** Flags of memfd_create (linux/memfd.h). */
export const MFD = { CLOEXEC: 0x1, ALLOW_SEALING: 0x2, EXEC: 0x10 } as const;
const MFD_BITS = { MFD_CLOEXEC: MFD.CLOEXEC, MFD_ALLOW_SEALING: MFD.ALLOW_SEALING, MFD_EXEC: MFD.EXEC };

/** Seals of a memfd (linux/fcntl.h). */
export const F_SEAL = { SEAL: 0x1, SHRINK: 0x2, GROW: 0x4, WRITE: 0x8 } as const;
export const F_ADD_SEALS = 1033;
const ALL_SEALS = F_SEAL.SEAL | F_SEAL.SHRINK | F_SEAL.GROW | F_SEAL.WRITE;

/**
 * Makes an empty file in memory, close-on-exec; `name` is what /proc shows of it. It may be executed also where
 * vm.memfd_noexec is 1 (Linux 6.3); where that is 2 nothing in memory may be, and the call fails with EACCES.
 */
export function memfd(name: string, { sealable = false } = {}): Fd {
  const text = cstring(name);
  const flags = MFD.CLOEXEC | (sealable ? MFD.ALLOW_SEALING : 0);
  const number = libc().memfd_create(text, flags | MFD.EXEC);
  if (number >= 0) return new Fd(number);
  const errno = lastErrno();
  const context = (tried: number) => ({ object: name, flags: decodeBits(tried, MFD_BITS) });
  // A kernel before 6.3 does not know MFD_EXEC and lets every memfd be executed.
  if (errno !== ERRNO.EINVAL) throw new SyscallError("memfd_create", errno, context(flags | MFD.EXEC));
  return new Fd(invoke("memfd_create", () => libc().memfd_create(text, flags), () => context(flags)));
}

/** Makes what is in a sealable memfd unchangeable for everybody and for ever. */
export function sealMemfd(fd: Fd): void {
  invoke("fcntl", () => libc().fcntl(fd.number, F_ADD_SEALS, BigInt(ALL_SEALS)), () => ({
    object: `descriptor ${fd.number}`,
    flags: "F_ADD_SEALS",
  }));
}
