/**
 * Volumes with options (`type=tmpfs|none|nfs`) are mounts on their `_data`, on the host, as long as a container that runs
 * has them: so all of them and the host see the same. Which of them is mounted is the kernel's word, not ours: an engine
 * that was killed has told nobody.
 */
import { describeError, unavailable } from "../../base/errors.ts";
import { volumeData } from "../../fs/volumes.ts";
import { mountAside, openAside } from "../../runtime/aside.ts";
import type { Reactor } from "../../runtime/reactor.ts";
import { errnoName, errnoText } from "../../sys/errno.ts";
import { mount, unmount } from "../../sys/mount.ts";
import { MNT, MS } from "../../sys/mount_flags.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
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

/** Another machine answers for these; it may be away. */
const REMOTE = /^(nfs4?|cifs|smb3|ceph|9p)$/;
/** Milliseconds that it has to answer. */
const PATIENCE = 10_000;

/**
 * Mounts a volume that has options, unless it is mounted. One of another machine has answered when this returns.
 * @throws `unavailable` with Docker's sentence
 */
export async function mountVolume(parts: Pick<Parts, "settings" | "reactor">, volume: Volume): Promise<void> {
  if (volume.plain) return;
  const { settings: { root }, reactor } = parts;
  const data = volumeData(root, volume.name);
  // One at a time: the kernel refuses to mount the same share a second time on top of itself.
  while (volume.mounting !== undefined) await volume.mounting.catch(() => {});
  const wish = driverMount(volume.record.options);
  if (!mountedBelow(root).includes(data)) {
    volume.mounting = mountOn(data, wish, reactor).finally(() => volume.mounting = undefined);
    await volume.mounting;
  }
  if (!REMOTE.test(wish.type)) return;
  try {
    await openAside(data, PATIENCE, reactor);
  } catch (cause) {
    throw unavailable(`the volume ${volume.name} does not answer`, { cause });
  }
}

async function mountOn(data: string, wish: ReturnType<typeof driverMount>, reactor: Reactor): Promise<void> {
  try {
    if (REMOTE.test(wish.type)) {
      return await mountAside(wish.source, data, { ...wish, data: await withAddress(wish.data) }, reactor);
    }
    mount(wish.source, data, wish);
    // A bind takes over all but its own kind of flags only when it is mounted again.
    if ((wish.flags & MS.BIND) !== 0 && (wish.flags & ~(MS.BIND | MS.REC)) !== 0) {
      mount("none", data, { type: "", flags: (wish.flags & ~MS.REC) | MS.REMOUNT });
    }
  } catch (error) {
    throw mountFailure(data, wish, error);
  }
}

/** Docker's sentence. A cause would say it again, with the password. */
function mountFailure(target: string, { source, flags, data }: ReturnType<typeof driverMount>, error: unknown): Error {
  if (!(error instanceof SyscallError)) return unavailable("failed to mount local volume", { cause: error });
  const options = data && `, data: ${data.replaceAll(/\b(pass\w*)=[^,]*/g, "$1=********")}`;
  return unavailable(
    `failed to mount local volume: mount ${source}:${target}, flags: 0x${flags.toString(16)}${options}: ` +
      `${errnoName(error.errno)}, ${errnoText(error.errno)}`,
  );
}

/** The kernel takes an address, not a name: what mount.nfs(8) does, by /etc/hosts and whatever else the host asks. */
export async function withAddress(data: string): Promise<string> {
  const [, name] = /(?:^|,)addr=([^,]+)/.exec(data) ?? [];
  if (name === undefined || /^[\d.]+$/.test(name) || name.includes(":")) return data;
  const { lookup } = await import("node:dns/promises"); // of no use to anybody else
  try {
    const found = await lookup(name, { all: true });
    const { address } = found.find(({ family }) => family === 4) ?? found[0] ?? { address: name };
    return data.replace(/(^|,)addr=[^,]+/, `$1addr=${address}`);
  } catch (cause) {
    throw unavailable("error resolving passed in network volume address", { cause });
  }
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

/** Where something is mounted on the data of volumes. The kernel tells paths without the symlinks that led there. */
function mountedBelow(root: string): string[] {
  const folder = `${root}/volumes`;
  const real = Deno.realPathSync(folder);
  return Deno.readTextFileSync("/proc/self/mountinfo").split("\n")
    .map((line) =>
      (line.split(" ")[4] ?? "").replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)))
    )
    .filter((path) => path.startsWith(`${real}/`))
    .map((path) => folder + path.slice(real.length));
}
