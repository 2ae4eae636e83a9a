/** The ends of a copy that lie in a container or a volume. */
import type { Files } from "../../base/container_engine.ts";
import { hasGoMode, type PathStat } from "../../base/docker/archive.ts";
import { errorClass, invalid } from "../../base/errors.ts";
import { isGlob } from "../../base/glob.ts";
import { cleanPath, lastName, splitPath, withEndOf } from "./path.ts";
import { type RemotePlace, shownPlace } from "./place.ts";
import type { Destination } from "./plan.ts";

/** A source as the engine is asked for it. */
export interface RemoteSource extends RemotePlace {
  /** How it is called; `.` for what is in a directory. */
  readonly name: string;
}

/** A destination; a symlink that is its last name has been followed. */
export async function remoteDestination(files: Files, place: RemotePlace): Promise<Destination> {
  let path = place.path;
  let found = await statIfThere(files, place.of, path);
  if (found !== undefined && hasGoMode(found.mode, "symlink")) {
    path = targetOf(found, path);
    found = await statIfThere(files, place.of, path);
  }
  if (found !== undefined && hasGoMode(found.mode, "device")) {
    throw invalid(`destination "${shownPlace(place)}" must be a directory or a regular file: got a device`);
  }
  return { path, exists: found !== undefined, isDirectory: found !== undefined && hasGoMode(found.mode, "directory") };
}

/** What a source means: itself, or what matches it if it is a pattern and nothing has it as a name. */
export async function remoteSources(
  files: Files,
  place: RemotePlace,
  followLink: boolean,
): Promise<readonly RemoteSource[]> {
  const asked = await matches(files, place);
  return await Promise.all(asked.map((one) => remoteSource(files, one, followLink)));
}

async function matches(files: Files, place: RemotePlace): Promise<readonly RemotePlace[]> {
  const { of, path } = place;
  if (!isGlob(path) || await statIfThere(files, of, path) !== undefined) return [place];
  const found = await files.findPaths(of, path);
  // With no match the engine is asked for the path itself, and says that it is not there.
  return found.length === 0 ? [place] : found.map((match) => ({ of, path: withEndOf(path, match) }));
}

async function remoteSource(files: Files, { of, path }: RemotePlace, followLink: boolean): Promise<RemoteSource> {
  const name = nameOf(path);
  const found = followLink ? await statIfThere(files, of, path) : undefined;
  if (found === undefined || !hasGoMode(found.mode, "symlink")) return { of, path: contentsOfRoot(path), name };
  return { of, path: contentsOfRoot(withEndOf(path, targetOf(found, path))), name };
}

function nameOf(path: string): string {
  const name = lastName(path) === ".." ? lastName(cleanPath(`/${path}`)) : splitPath(path).name;
  return name === "/" ? "." : name;
}

/** A root has no name that its archive could begin with. */
function contentsOfRoot(path: string): string {
  return path !== "" && cleanPath(`/${path}`) === "/" ? "/." : path;
}

/** Where a symlink leads. */
function targetOf({ linkTarget }: PathStat, path: string): string {
  return linkTarget.startsWith("/") ? linkTarget : cleanPath(`${splitPath(path).folder}/${linkTarget}`);
}

/**
 * What lies at a path; undefined where nothing does or can. Whether there is such a container is told by the call that
 * follows.
 */
async function statIfThere(files: Files, of: string, path: string): Promise<PathStat | undefined> {
  try {
    return await files.statPath(of, path);
  } catch (error) {
    const kind = errorClass(error);
    if (kind === "not_found" || kind === "invalid") return undefined;
    throw error;
  }
}
