/** The machine, as `info` and `version` show it. */
import { textIfThere } from "../../base/text_if_there.ts";

/** The architecture in the words of Go: `amd64`, `arm64`. */
export function goArchitecture(): string {
  return Deno.build.arch === "aarch64" ? "arm64" : "amd64";
}

/** Name and version of the distribution (os-release(5)); `Linux` and nothing where it does not say. */
export function operatingSystem(files = ["/etc/os-release", "/usr/lib/os-release"]): { name: string; version: string } {
  const text = files.map(textIfThere).find((text) => text !== "") ?? "";
  const field = (name: string) => {
    const value = new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
    return value.replace(/^(["'])(.*)\1$/, "$2").replace(/\\(["'$`\\])/g, "$1");
  };
  return { name: field("PRETTY_NAME") || field("NAME") || "Linux", version: field("VERSION_ID") };
}

/** An id that stays, as long as machine and state folder do, and tells nothing of either. */
export async function engineId(root: string): Promise<string> {
  const source = new TextEncoder().encode(`sauropod\0${textIfThere("/etc/machine-id").trim()}\0${root}`);
  const hex = new Uint8Array(await crypto.subtle.digest("SHA-256", source)).toHex();
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

/** Whether the kernel passes on packets between interfaces. */
export function forwardsIpv4(): boolean {
  return textIfThere("/proc/sys/net/ipv4/ip_forward").trim() === "1";
}

/** The type of the file system that holds `path`, as the mount table has it: `ext4`. */
export function fileSystemOf(path: string, mounts = textIfThere("/proc/self/mounts")): string {
  let best = { point: "", type: "" };
  for (const line of mounts.split("\n")) {
    const [, point = "", type = ""] = line.split(" ");
    const inside = point === "/" || path === point || path.startsWith(`${point}/`);
    if (inside && point.length >= best.point.length) best = { point, type }; // the last mount on a point covers the others
  }
  return best.type;
}
