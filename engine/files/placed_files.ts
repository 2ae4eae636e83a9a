import type { ArchivePutOptions, Bytes, Files } from "../../base/container_engine.ts";
import type { PathStat } from "../../base/docker/archive.ts";
import { findPaths } from "./find_paths.ts";
import { archiveOf } from "./get_archive.ts";
import type { OpenFiles } from "./open_files.ts";
import { pathStat } from "./path_stat.ts";
import { putArchive } from "./put_archive.ts";
import { askedPath } from "./resolve.ts";

/** Where the files are. */
export interface Place {
  /** `container web`: for messages. */
  readonly shown: string;
  /** Opens them; whoever calls it closes them. */
  open(): Promise<OpenFiles>;
  /** Whom what is put there is given to if the caller wants it to be the user of the place; absent: that has none. */
  owner(): { readonly uid: number; readonly gid: number } | undefined;
  /** Tells that somebody has read or written. */
  tell?(action: "archive-path" | "extract-to-dir"): void;
}

/** The files of all containers, or of all volumes. */
export class PlacedFiles implements Files {
  readonly #find: (of: string) => Place;

  /** `find` throws `not_found`. */
  constructor(find: (of: string) => Place) {
    this.#find = find;
  }

  async statPath(of: string, path: string): Promise<PathStat> {
    const place = this.#find(of);
    using files = await place.open();
    return pathStat(files.root, askedPath(path), place.shown);
  }

  async getArchive(of: string, path: string): Promise<{ stat: PathStat; tar: ReadableStream<Bytes> }> {
    const [place, asked] = [this.#find(of), askedPath(path)];
    using undo = new DisposableStack();
    const files = undo.use(await place.open());
    const stat = pathStat(files.root, asked, place.shown);
    const tar = archiveOf(files, asked, place.shown);
    undo.move();
    place.tell?.("archive-path");
    return { stat, tar };
  }

  async putArchive(
    of: string,
    path: string,
    tar: ReadableStream<Bytes>,
    { noOverwriteDirNonDir = false, copyUIDGID = false }: ArchivePutOptions = {},
  ): Promise<void> {
    try {
      const place = this.#find(of);
      using files = await place.open();
      const owner = copyUIDGID ? place.owner() : undefined;
      await putArchive(files.root, askedPath(path), place.shown, tar, { keepKinds: noOverwriteDirNonDir, owner });
      place.tell?.("extract-to-dir");
    } finally {
      await tar.cancel().catch(() => {}); // who sends it hears of a failure when the rest is off his hands
    }
  }

  async findPaths(of: string, pattern: string): Promise<string[]> {
    using files = await this.#find(of).open();
    return findPaths(files.root, pattern);
  }
}
