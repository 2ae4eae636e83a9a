/** `--device`, `--device-cgroup-rule`, `--blkio-weight-device`, `--attach`: the forms of docker/cli's opts.go. */
import type { DeviceMapping, Resources } from "../../base/docker/resources.ts";
import { invalid } from "../../base/errors.ts";

/** `/dev/host[:/dev/container][:rwm]`. */
export function parseDevice(text: string): DeviceMapping {
  const [host = "", second, third, ...more] = text.split(":");
  if (host === "" || more.length > 0) throw invalid(`invalid device specification: ${text}`);
  if (second !== undefined && third === undefined && isDeviceMode(second)) {
    return { PathOnHost: host, PathInContainer: host, CgroupPermissions: second };
  }
  return { PathOnHost: host, PathInContainer: second || host, CgroupPermissions: third ?? "rwm" };
}

export function checkDevice(text: string): void {
  const { PathInContainer, CgroupPermissions } = parseDevice(text);
  if (!PathInContainer.startsWith("/")) throw invalid(`${PathInContainer} is not an absolute path`);
  if (!isDeviceMode(CgroupPermissions)) throw invalid(`bad mode specified: ${CgroupPermissions}`);
}

export function checkCgroupRule(text: string): void {
  if (!/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(text)) throw invalid(`invalid device cgroup format '${text}'`);
}

/** `/dev/sda:200`. */
export function parseWeightDevice(text: string): NonNullable<Resources["BlkioWeightDevice"]>[number] {
  const [path = "", weight = "", ...more] = text.split(":");
  if (path === "" || weight === "" || more.length > 0) throw invalid(`bad format: ${text}`);
  if (!path.startsWith("/dev/")) throw invalid(`bad format for device path: ${text}`);
  const value = Number(weight);
  if (!/^\d+$/.test(weight) || (value > 0 && (value < 10 || value > 1000))) {
    throw invalid(`invalid weight for device: ${text}`);
  }
  return { Path: path, Weight: value };
}

export function checkWeightDevice(text: string): void {
  parseWeightDevice(text);
}

export function checkAttach(text: string): void {
  if (!/^std(in|out|err)$/i.test(text)) throw invalid("valid streams are STDIN, STDOUT and STDERR");
}

function isDeviceMode(text: string): boolean {
  return /^[rwm]+$/.test(text) && new Set(text).size === text.length;
}
