/** Copies between the local file system and containers (or volumes), and from one of those to another. */
import { coalesce } from "../../base/coalesce.ts";
import type { Bytes, Files } from "../../base/container_engine.ts";
import { invalid } from "../../base/errors.ts";
import { hasGoMode } from "../../base/docker/archive.ts";
import { writeTar } from "../../base/tar/writer.ts";
import type { Context } from "../command.ts";
import { errorText } from "../error_text.ts";
import { printArchive } from "../archives.ts";
import { CopyProgress } from "./copy_progress.ts";
import { checkLocalDestination, localDestination, localSource } from "./local_place.ts";
import { type Complaint, packFiles } from "./pack.ts";
import { absolutePath, lastName, namesDirectory } from "./path.ts";
import { parsePlaces, type Place, type RemotePlace, shownPlace } from "./place.ts";
import { type Destination, targetOf } from "./plan.ts";
import { remoteDestination, type RemoteSource, remoteSources } from "./remote_place.ts";
import { renameArchive } from "./rename_archive.ts";
import { spooled } from "./spool.ts";
import { unpack } from "./unpack.ts";

/** What has files to copy. */
export interface Remote {
  readonly noun: "container" | "volume";
  readonly files: Files;
  /** The same for all names of the same one. */
  identify(of: string): Promise<string>;
}

export interface CopyOptions {
  /** Owners go with the files. */
  readonly archive: boolean;
  /** What a symlink leads to is copied, and not the link. */
  readonly followLink: boolean;
  readonly quiet: boolean;
}

/** Copies what a command line asks for, the last argument being the destination; gives the exit code. */
export async function copy(
  context: Context,
  remote: Remote,
  options: CopyOptions,
  args: readonly string[],
): Promise<number> {
  const { sources, to } = parsePlaces(args);
  const copying = new Copying(context, remote, options);
  if (isRemote(to)) return await copying.toRemote(sources, to);
  const remoteOnes = sources.filter(isRemote);
  if (remoteOnes.length < sources.length) throw invalid(`must specify at least one ${remote.noun} source`);
  return await copying.toLocal(remoteOnes, to.path);
}

function isRemote(place: Place): place is RemotePlace {
  return place.of !== undefined;
}

class Copying {
  readonly #context: Context;
  readonly #remote: Remote;
  readonly #options: CopyOptions;
  #progress: CopyProgress;
  #failed = false;

  constructor(context: Context, remote: Remote, options: CopyOptions) {
    [this.#context, this.#remote, this.#options] = [context, remote, options];
    this.#progress = new CopyProgress(context.stderr, undefined);
  }

  /** From containers into the local file system, or to stdout. */
  async toLocal(places: readonly RemotePlace[], to: string): Promise<number> {
    if (to !== "-") checkLocalDestination(to);
    const sources = await this.#remoteSources(places);
    if (to === "-") return await this.#toStdout(sources);
    if (sources.length > 1 && !localDestination(to).isDirectory) {
      throw invalid(`destination "${to}" must be a directory`);
    }
    this.#begin(`Copying from ${this.#remote.noun} - `);
    await this.#each(sources, (source) => this.#fetch(source, to));
    return this.#end(absolutePath(to));
  }

  /** Into a container: local files, stdin, or files of others. */
  async toRemote(places: readonly Place[], to: RemotePlace): Promise<number> {
    const local = places.filter((place) => !isRemote(place)).map(({ path }) => path);
    if (local.includes("-") && places.length > 1) throw invalid("stdin cannot be one of several sources");
    const packed = local[0] === "-" ? [] : local.map((path) => localSource(path, this.#options.followLink));
    const destination = await remoteDestination(this.#remote.files, to);
    // Is it the path that is not there, or all that it is in?
    if (!destination.exists && namesDirectory(to.path)) await this.#remote.files.statPath(to.of, "/");
    const fromOthers = await this.#remoteSources(places.filter(isRemote));
    const needsDirectory = local[0] === "-" || packed.length + fromOthers.length > 1;
    if (needsDirectory && !destination.isDirectory) {
      throw invalid(`destination "${shownPlace(to)}" must be a directory`);
    }
    this.#begin(`Copying to ${this.#remote.noun} - `);
    if (local[0] === "-") await this.#put(to.of, destination.path, this.#context.stdin.readable);
    if (packed.length > 0) {
      const targets = packed.map((source) => ({ path: source.path, ...targetOf(source, destination) }));
      const tar = coalesce(writeTar(packFiles(targets, this.#complain)));
      await this.#put(to.of, targets[0]?.folder ?? destination.path, tar);
    }
    await this.#each(fromOthers, (source) => this.#pass(source, to.of, destination));
    return this.#end(shownPlace({ of: to.of, path: destination.path }));
  }

  async #remoteSources(places: readonly RemotePlace[]): Promise<readonly RemoteSource[]> {
    const { files } = this.#remote;
    return (await Promise.all(places.map((place) => remoteSources(files, place, this.#options.followLink)))).flat();
  }

  async #toStdout([source, ...others]: readonly RemoteSource[]): Promise<number> {
    if (source === undefined || others.length > 0) throw invalid('destination "-" takes one source');
    const { tar } = await this.#remote.files.getArchive(source.of, source.path);
    await printArchive(tar, this.#context.stdout);
    return 0;
  }

  async #fetch(source: RemoteSource, to: string): Promise<void> {
    const { stat, tar } = await this.#remote.files.getArchive(source.of, source.path);
    try {
      const target = targetOf(
        { name: source.name, isDirectory: hasGoMode(stat.mode, "directory") },
        localDestination(to),
      );
      const options = {
        folder: target.folder,
        renaming: { hasTop: hasTop(source), top: target.name },
        owners: this.#options.archive && Deno.uid() === 0, // nobody else can give files away
      };
      await unpack(this.#progress.count(tar), options, this.#complain);
    } finally {
      await tar.cancel().catch(() => {}); // it has been read, or what failed is known
    }
  }

  /** From one container to another, or to another place in the same. */
  async #pass(source: RemoteSource, of: string, destination: Destination): Promise<void> {
    const { files, identify } = this.#remote;
    const isSame = await identify(source.of) === await identify(of);
    const { stat, tar } = await files.getArchive(source.of, source.path);
    try {
      const target = targetOf({ name: source.name, isDirectory: hasGoMode(stat.mode, "directory") }, destination);
      const top = hasTop(source);
      const keepsName = target.name === (top ? lastName(source.path) : ".");
      const renaming = { hasTop: top, top: target.name };
      const entries = keepsName ? tar : coalesce(renameArchive(tar, renaming));
      // A container that does not run is read or written, one at a time; and a directory may be copied into itself.
      if (isSame) await spooled(entries, (whole) => this.#put(of, target.folder, whole));
      else await this.#put(of, target.folder, entries);
    } finally {
      await tar.cancel().catch(() => {});
    }
  }

  async #put(of: string, folder: string, tar: AsyncIterable<Bytes>): Promise<void> {
    await this.#remote.files.putArchive(of, folder, ReadableStream.from(this.#progress.count(tar)), {
      noOverwriteDirNonDir: true,
      copyUIDGID: this.#options.archive,
    });
  }

  /** The failure of one of several is told, and the others are copied. */
  async #each(sources: readonly RemoteSource[], act: (source: RemoteSource) => Promise<void>): Promise<void> {
    for (const source of sources) {
      try {
        await act(source);
      } catch (error) {
        if (sources.length === 1) throw error;
        this.#complain(errorText(error), "failed");
      }
    }
  }

  #complain: Complaint = (message, kind) => {
    this.#progress.clear();
    this.#context.stderr.print(`${message}\n`);
    if (kind === "failed") this.#failed = true;
  };

  #begin(title: string): void {
    this.#progress = new CopyProgress(this.#context.stderr, this.#options.quiet ? undefined : title);
  }

  #end(shown: string): number {
    if (this.#failed) return 1;
    if (!this.#options.quiet) {
      this.#context.stderr.print(`Successfully copied ${this.#progress.size} to ${shown}\n`);
    }
    return 0;
  }
}

/** Whether the names in a source's archive begin with its own. */
function hasTop({ path }: RemoteSource): boolean {
  return lastName(path) !== ".";
}
