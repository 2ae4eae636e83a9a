/**
 * Unpacks the tar of a container into a local directory. A container has made it, and may have the directory mounted, so
 * nothing is written but below that directory: names with `..` and from the root are refused, no symlink is followed, be it
 * of the archive, of the user's or put there meanwhile, and hard links lead to files of the archive only.
 */
import type { Bytes } from "../../base/container_engine.ts";
import { errorClass, invalid } from "../../base/errors.ts";
import type { TarEntry } from "../../base/tar/entry.ts";
import { type TarLimits, TarReader, type TarSink } from "../../base/tar/reader.ts";
import { Directory, pathOfOpen } from "./directory.ts";
import { attempt, fileError } from "./file_error.ts";
import type { Complaint } from "./pack.ts";
import { namesIn, renamed, type Renaming } from "./rename.ts";

/** Files of the user's own containers fill the user's own disk. */
export const noLimits: TarLimits = { bytes: Infinity, apparentBytes: Infinity, entries: Infinity };

/** What docker gives a directory that only the names of others tell of. */
const impliedMode = 0o755;

export interface UnpackOptions {
  /** The directory, which must be there; symlinks that lead to it are followed. */
  readonly folder: string;
  readonly renaming: Renaming;
  /** Give the files to the owners that the archive names; else they are the caller's. */
  readonly owners: boolean;
}

/** @throws `invalid` for a name that leads elsewhere, and for a file in the place of a directory or the other way round */
export async function unpack(tar: AsyncIterable<Bytes>, options: UnpackOptions, complain: Complaint): Promise<void> {
  using unpacker = new Unpacker(options, complain);
  const reader = new TarReader(unpacker, noLimits);
  for await (const piece of tar) reader.push(piece);
  reader.finish({ needsEnd: true });
  unpacker.finish();
}

class Unpacker implements TarSink, Disposable {
  readonly #options: UnpackOptions;
  readonly #complain: Complaint;
  readonly #root: Directory;
  /** The directories on the way to the latest entry, open. */
  readonly #way: { readonly name: string; readonly directory: Directory }[] = [];
  /** Directories get mode and times last: nothing could be put into some, and putting changes the others. */
  readonly #directories: { readonly names: readonly string[]; readonly entry: TarEntry }[] = [];
  /** Files and symlinks that are this archive's. */
  readonly #made = new Set<string>();
  #file: OpenFile | undefined;

  constructor(options: UnpackOptions, complain: Complaint) {
    this.#options = options;
    this.#complain = complain;
    this.#root = Directory.open(options.folder);
  }

  entry(entry: TarEntry): void {
    const names = this.#names(entry.name);
    const name = names.at(-1);
    if (name === undefined) return; // the directory itself, which stays as it is
    if (!names.every((one) => one.isWellFormed())) {
      // Deno takes a path as text, so it can neither make nor find it.
      return this.#complain(`${JSON.stringify(entry.name)} has a name that is not UTF-8: not copied`, "failed");
    }
    const parent = this.#enter(names.slice(0, -1));
    const path = parent.shown(name);
    switch (entry.type) {
      case "directory":
        this.#makeDirectory(parent, name, entry.mode);
        this.#directories.push({ names, entry });
        return;
      case "file":
        this.#file = new OpenFile(
          this.#make(
            parent,
            name,
            (at) => Deno.openSync(at, { write: true, createNew: true, mode: entry.mode & 0o777 }),
          ),
          path,
          entry,
          this.#options.owners,
        );
        break;
      case "symlink":
        this.#make(parent, name, (at) => Deno.symlinkSync(entry.linkName, at));
        break;
      case "hardlink":
        this.#makeLink(parent, name, entry);
        break;
      default:
        // Of many files one may be left out; where it is all that was asked for, the copy has failed.
        return this.#complain(
          `${path} is a ${entry.type === "fifo" ? "FIFO" : "device"}: not copied`,
          names.length === namesIn(this.#options.renaming.top).length ? "failed" : "skipped",
        );
    }
    this.#made.add(names.join("/"));
  }

  data(bytes: Bytes, offset: number): void {
    this.#file?.write(bytes, offset);
  }

  end(): void {
    this.#file?.finish();
    this.#file = undefined;
  }

  /** The archive has ended. */
  finish(): void {
    for (const { names, entry } of this.#directories.reverse()) {
      const directory = this.#enter(names);
      const open = { file: directory.file, path: directory.at("."), shown: directory.path };
      applyAttributes(open, entry, this.#options.owners);
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#leave(0);
    this.#root[Symbol.dispose]();
  }

  #names(path: string): string[] {
    if (path.startsWith("/") || path.split("/").includes("..")) {
      throw invalid(`the archive has the unsafe name ${JSON.stringify(path)}`);
    }
    return renamed(namesIn(path), this.#options.renaming);
  }

  /** The directory of these names below the root, made where it is missing. */
  #enter(names: readonly string[]): Directory {
    let shared = 0;
    while (shared < names.length && this.#way[shared]?.name === names[shared]) shared++;
    this.#leave(shared);
    for (const name of names.slice(shared)) {
      const parent = this.#way.at(-1)?.directory ?? this.#root;
      this.#way.push({ name, directory: this.#childOf(parent, name) });
    }
    return this.#way.at(-1)?.directory ?? this.#root;
  }

  #leave(depth: number): void {
    for (const { directory } of this.#way.splice(depth).reverse()) directory[Symbol.dispose]();
  }

  #childOf(parent: Directory, name: string): Directory {
    try {
      return parent.child(name);
    } catch (error) {
      if (errorClass(error) !== "not_found") throw error;
    }
    this.#makeDirectory(parent, name, impliedMode);
    return parent.child(name);
  }

  #makeDirectory(parent: Directory, name: string, mode: number): void {
    const path = parent.shown(name);
    try {
      Deno.mkdirSync(parent.at(name), { mode: (mode & 0o777) | 0o700 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw fileError("mkdir", path, error);
      if (attempt("lstat", path, () => Deno.lstatSync(parent.at(name))).isDirectory) return;
      throw invalid(`cannot overwrite non-directory ${JSON.stringify(path)} with directory "${this.#root.path}"`);
    }
  }

  /** Makes something that is not there, or takes away what is: it is replaced, not changed, as docker does. */
  #make<T>(parent: Directory, name: string, make: (at: string) => T): T {
    const path = parent.shown(name);
    for (let attempts = 1;; attempts++) {
      try {
        return make(parent.at(name));
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists) || attempts === 3) throw fileError("create", path, error);
      }
      if (attempt("lstat", path, () => Deno.lstatSync(parent.at(name))).isDirectory) {
        throw invalid(`cannot overwrite directory ${JSON.stringify(path)} with non-directory "${this.#root.path}"`);
      }
      attempt("remove", path, () => Deno.removeSync(parent.at(name)));
    }
  }

  #makeLink(parent: Directory, name: string, entry: TarEntry): void {
    const names = this.#names(entry.linkName);
    if (!this.#made.has(names.join("/"))) {
      throw invalid(`the archive has a hard link to ${JSON.stringify(entry.linkName)}, which is none of its files`);
    }
    // The link is made in the directory that is on the way now; its target's may be another.
    using other = new DisposableStack();
    let folder = this.#root;
    for (const step of names.slice(0, -1)) folder = other.use(folder.child(step));
    const target = folder.at(names.at(-1) ?? "");
    this.#make(parent, name, (at) => Deno.linkSync(target, at));
  }
}

/** A file that is being written. */
class OpenFile {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #entry: TarEntry;
  readonly #owners: boolean;
  #position = 0;

  constructor(file: Deno.FsFile, path: string, entry: TarEntry, owners: boolean) {
    this.#file = file;
    this.#path = path;
    this.#entry = entry;
    this.#owners = owners;
  }

  write(bytes: Bytes, offset: number): void {
    attempt("write", this.#path, () => {
      if (offset !== this.#position) this.#file.seekSync(offset, Deno.SeekMode.Start);
      for (let written = 0; written < bytes.length;) written += this.#file.writeSync(bytes.subarray(written));
    });
    this.#position = offset + bytes.length;
  }

  finish(): void {
    if (this.#position < this.#entry.size) {
      attempt("truncate", this.#path, () => this.#file.truncateSync(this.#entry.size));
    }
    // The file was made with its mode, of which the umask and the system call leave out something.
    const isExact = !this.#owners && ((this.#file.statSync().mode ?? 0) & 0o7777) === this.#entry.mode;
    if (isExact) setTimes(this.#file, this.#path, this.#entry);
    else {
      const open = { file: this.#file, path: pathOfOpen(this.#file, this.#path), shown: this.#path };
      applyAttributes(open, this.#entry, this.#owners);
    }
    this.close();
  }

  close(): void {
    this.#file.close();
  }
}

/** A file that is open, the path that leads to it by its descriptor, and the one that the user knows. */
interface Opened {
  readonly file: Deno.FsFile;
  readonly path: string;
  readonly shown: string;
}

/** By the descriptor: another file may have the name by now (CVE-2021-41089 changed the modes of the host's files). */
function applyAttributes({ file, path, shown }: Opened, entry: TarEntry, owners: boolean): void {
  if (owners) attempt("chown", shown, () => Deno.chownSync(path, entry.uid, entry.gid));
  attempt("chmod", shown, () => Deno.chmodSync(path, entry.mode)); // after chown, which takes set-user-ID away
  setTimes(file, shown, entry);
}

/** A time before 1970 is 1970, as docker has it. */
function setTimes(file: Deno.FsFile, shown: string, { modified }: TarEntry): void {
  const seconds = Math.max(0, Number(modified) / 1e9);
  attempt("utime", shown, () => file.utimeSync(seconds, seconds));
}
