/** `--device-read-bps /dev/sda:1mb` and its kin. */
import type { ThrottleDevice } from "../../base/docker/resources.ts";
import { invalid } from "../../base/errors.ts";
import { parseBinarySize } from "../../base/units.ts";

export function parseByteRate(text: string): ThrottleDevice {
  const [path, rate] = halves(text);
  const why = `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. ` +
    "Number must be a positive integer. Unit is optional and can be kb, mb, or gb";
  if (!/^\d/.test(rate)) throw invalid(why);
  try {
    return { Path: path, Rate: parseBinarySize(rate) };
  } catch (cause) {
    throw invalid(why, { cause });
  }
}

export function parseOperationRate(text: string): ThrottleDevice {
  const [path, rate] = halves(text);
  if (/^\d+$/.test(rate)) return { Path: path, Rate: Number(rate) };
  throw invalid(
    `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
  );
}

export function checkByteRate(text: string): void {
  parseByteRate(text);
}

export function checkOperationRate(text: string): void {
  parseOperationRate(text);
}

function halves(text: string): [string, string] {
  const [path = "", rate = "", ...more] = text.split(":");
  if (path === "" || rate === "" || more.length > 0) throw invalid(`bad format: ${text}`);
  if (!path.startsWith("/dev/")) throw invalid(`bad format for device path: ${text}`);
  return [path, rate];
}
