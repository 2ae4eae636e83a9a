import { invalid } from "../base/errors.ts";

/** Turns a device's path into `MAJOR:MINOR`. */
export type DeviceNumber = (path: string) => string;

/**
 * `8:0` of the block device at `path`, symlinks followed (`/dev/disk/by-id/…`).
 * @throws {EngineError} `invalid` if there is none
 */
export function blockDeviceNumber(path: string): string {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (cause) {
    throw invalid(`stat ${path}: ${cause instanceof Deno.errors.NotFound ? "no such file or directory" : cause}`, {
      cause,
    });
  }
  if (!info.isBlockDevice || info.rdev === null) throw invalid(`${path} is not a block device`);
  return unpackDeviceNumber(BigInt(info.rdev));
}

/** The other way round of `deviceNumber()` in sys/directory.ts (gnu_dev_major, gnu_dev_minor). */
export function unpackDeviceNumber(packed: bigint): string {
  const major = ((packed >> 8n) & 0xfffn) | ((packed >> 32n) & ~0xfffn);
  const minor = (packed & 0xffn) | ((packed >> 12n) & ~0xffn);
  return `${BigInt.asUintN(32, major)}:${BigInt.asUintN(32, minor)}`;
}
