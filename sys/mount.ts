import { decodeBits } from "./bits.ts";
import { cstring, invoke, libc } from "./libc.ts";
import { MNT_BITS, MS_BITS } from "./mount_flags.ts";

/** Mounts a file system, or with MS_BIND a folder, at `target`. What may wait for another machine is not for this call. */
export function mount(
  source: string,
  target: string,
  { type, flags = 0, data = "" }: { type: string; flags?: number; data?: string },
): void {
  const [from, to, kind, options] = [cstring(source), cstring(target), cstring(type), cstring(data)];
  invoke("mount", () => libc().mount(from, to, kind, BigInt(flags >>> 0), options), () => ({
    object: `${source} on ${target} (type ${type}${data && `, ${data}`})`,
    flags: decodeBits(flags, MS_BITS),
  }));
}

export function unmount(target: string, flags = 0): void {
  const path = cstring(target);
  invoke("umount2", () => libc().umount2(path, flags), () => ({
    object: target,
    flags: decodeBits(flags, MNT_BITS),
  }));
}
