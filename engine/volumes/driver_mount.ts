/**
 * Volumes with options (`type=tmpfs|none|nfs`) are mounts on their `_data`, on the host, as long as a container that runs
 * has them: so all of them and the host see the same. Which of them is mounted is the kernel's word, not ours: an engine
 * that was killed has told nobody.
 */
import { describeError, unavailable } from "../../base/errors.ts";
import { volumeData } from "../../fs/volumes.ts";
import { mount, mountAside, unmount } from "../../sys/mount.ts";
import { MNT, MS } from "../../sys/mount_flags.ts";
import type { Parts } from "../parts.ts";
import { usersOf } from "./users.ts";
import type { Volume } from "./volume.ts";

const FLAGS: Readonly<Record<string, number>> = {
  defaults: 0,
  rw: 0,
  ro: MS.RDONLY,
  bind: MS.BIND,
  rbind: MS.BIND | MS.REC,
  nosuid: MS.NOSUID,
  nodev: MS.NODEV,
  noexec: MS.NOEXEC,
  sync: MS.SYNCHRONOUS,
  noatime: MS.NOATIME,
  nodiratime: MS.NODIRATIME,
  relatime: MS.RELATIME,
  strictatime: MS.STRICTATIME,
};

/** What mount(2) is to be told of the options of a volume. */
export function driverMount(
  { type = "", device = "", o = "" }: Readonly<Record<string, string>>,
): { source: string; type: string; flags: number; data: string } {
  const given = o.split(",").filter((option) => option !== "");
  const flags = given.reduce((sum, option) => sum | (FLAGS[option] ?? 0), 0);
  const data = given.filter((option) => FLAGS[option] === undefined).join(",");
  return { source: device, type, flags, data };
}

/** Mounts it unless it is mounted, and keeps it so as long as `work` goes on. */
export async function withDriverMount<T>(
  parts: Parts,
  volume: Volume,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  volume.pins++;
  try {
    await mountVolume(parts, volume);
    return await work(volumeData(parts.settings.root, volume.name));
  } finally {
    volume.pins--;
    unmountIdle(parts);
  }
}

/** Mounts a volume that has options, unless it is mounted. @throws `unavailable` with Docker's sentence */
export async function mountVolume(parts: Pick<Parts, "settings">, volume: Volume): Promise<void> {
  if (volume.plain) return;
  const data = volumeData(parts.settings.root, volume.name);
  if (mountedBelow(parts.settings.root).includes(data)) return;
  const wish = driverMount(volume.record.options);
  const failed = (cause?: unknown) =>
    unavailable(
      `failed to mount local volume: mount ${wish.source}:${data}, flags: 0x${wish.flags.toString(16)}` +
        `${wish.data && `, data: ${wish.data}`}`,
      cause === undefined ? {} : { cause },
    );
  if (/^(nfs4?|cifs|smb3|ceph|9p)$/.test(wish.type)) {
    const options = { ...wish, data: await withAddress(wish.data) };
    if (!await mountAside(wish.source, data, options)) throw failed();
    return;
  }
  try {
    mount(wish.source, data, wish);
    // A bind takes over all but its own kind of flags only when it is mounted again.
    if ((wish.flags & MS.BIND) !== 0 && (wish.flags & ~(MS.BIND | MS.REC)) !== 0) {
      mount("none", data, { type: "", flags: (wish.flags & ~MS.REC) | MS.REMOUNT });
    }
  } catch (cause) {
    throw failed(cause);
  }
}

/** The kernel's NFS takes an address, not a name; what mount.nfs(8) does. */
async function withAddress(data: string): Promise<string> {
  const [, name] = /(?:^|,)addr=([^,]+)/.exec(data) ?? [];
  if (name === undefined || /^[\d.]+$/.test(name) || name.includes(":")) return data;
  const [address] = await Deno.resolveDns(name, "A");
  return address === undefined ? data : data.replace(`addr=${name}`, `addr=${address}`);
}

/** Unmounts those that no container has that runs, and nobody works with. */
export function unmountIdle(parts: Pick<Parts, "settings" | "volumes" | "containers" | "log">): void {
  const { settings: { root }, volumes, containers, log } = parts;
  for (const path of mountedBelow(root).reverse()) {
    const name = path.slice(`${root}/volumes/`.length).split("/")[0] ?? "";
    const volume = volumes.find(name);
    if (volume !== undefined && volume.pins > 0) continue;
    if (
      usersOf({ containers }, { name }).some(({ running, state }) =>
        running !== undefined || state.status === "running"
      )
    ) {
      continue;
    }
    try {
      unmount(path, MNT.DETACH);
    } catch (error) {
      log(`volume ${name}: ${describeError(error)}`);
    }
  }
}

/** Where something is mounted on the data of volumes. */
function mountedBelow(root: string): string[] {
  return Deno.readTextFileSync("/proc/self/mountinfo").split("\n")
    .map((line) =>
      (line.split(" ")[4] ?? "").replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)))
    )
    .filter((path) => path.startsWith(`${root}/volumes/`));
}
