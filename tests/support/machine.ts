/** What this machine is, as far as tests ask for it. */

/** The first `name` on the PATH (the administrator's folders included), if it is there. */
export function findCommand(name: string): string | undefined {
  const folders = `${Deno.env.get("PATH") ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`.split(":").filter(Boolean);
  return folders.map((folder) => `${folder}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}

/** Whether dpkg has `name` installed; false where there is no dpkg. */
export function hasPackage(name: string): boolean {
  if (findCommand("dpkg-query") === undefined) return false;
  const args = ["-W", "-f", "${Status}", name];
  const { stdout } = new Deno.Command("dpkg-query", { args, stdin: "null", stderr: "null" }).outputSync();
  return new TextDecoder().decode(stdout) === "install ok installed";
}

/** Whether the kernel has a module: built in, loaded, or loaded now. */
export function loadModule(name: string): boolean {
  if (findCommand("modprobe") === undefined) return false;
  return new Deno.Command("modprobe", { args: ["-q", name], stdin: "null", stderr: "null" }).outputSync().success;
}

/** Which cgroup file systems are mounted: v2 alone, v1 alone, or v1 with an empty v2 beside it. */
export type CgroupMode = "v1" | "hybrid" | "v2" | "none";

/** The cgroup mode that a mount table (`/proc/self/mounts`) shows. */
export function cgroupMode(mounts: string): CgroupMode {
  const types = mounts.split("\n").map((line) => line.split(" ")).filter((mount) =>
    mount[1]?.startsWith("/sys/fs/cgroup")
  )
    .map((mount) => mount[2]);
  if (types.includes("cgroup")) return types.includes("cgroup2") ? "hybrid" : "v1";
  return types.includes("cgroup2") ? "v2" : "none";
}

/** Whether kernel `release` (`6.1.0-18-amd64`) is at least `minimum` (`5.10`). */
export function kernelAtLeast(release: string, minimum: string): boolean {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
