import type { Bytes, TarFile } from "../base/container_engine.ts";
import { invalid, notFound } from "../base/errors.ts";
import type { FileRange } from "../fs/file_range.ts";
import { FileWriter } from "../fs/file_writer.ts";
import { working } from "../fs/staging.ts";
import { S, stat } from "../sys/attributes.ts";
import type { Fd } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";

/** A tar as it comes, or in a file of somebody who calls. */
export type TarSource = AsyncIterable<Bytes> | TarFile;

/** A tar that can be read in any order, as long as it is not disposed of. */
export interface StoredTar extends Disposable {
  readonly range: FileRange;
}

/** What comes is written down; what lies in a file is read there. */
export async function storeTar(staging: string, tar: TarSource, signal?: AbortSignal): Promise<StoredTar> {
  return "path" in tar ? openTarFile(tar) : await Spool.of(staging, tar, () => {}, signal);
}

/**
 * Holds it open: it is read from this very file, whatever its path leads to later.
 * @throws `not_found` where there is none, `invalid` for what is no plain file
 */
export function openTarFile({ path }: TarFile): StoredTar {
  using undo = new DisposableStack();
  const file = undo.use(openExisting(path));
  const { mode, size } = stat(file);
  if ((mode & S.IFMT) !== S.IFREG) throw invalid(`${path} is not a plain file`);
  undo.move();
  return {
    range: { path: `/proc/self/fd/${file.number}`, offset: 0, length: size },
    [Symbol.dispose]: () => file.close(),
  };
}

function openExisting(path: string): Fd {
  try {
    return open(path, O.RDONLY | O.NONBLOCK); // who opens a pipe would wait for its writer
  } catch (error) {
    throw isErrno(error, "ENOENT", "ENOTDIR") ? notFound(`open ${path}: no such file or directory`) : error;
  }
}

/** A stream as a file of the state folder, as long as it is needed: what has to be read in another order than it comes. */
export class Spool implements Disposable {
  readonly path: string;
  readonly #working: Disposable;
  #length = 0;

  private constructor(path: string) {
    this.path = path;
    this.#working = working(path);
  }

  /** Writes `source` down; `watch` sees what is written. @throws `unavailable` when the disk is full */
  static async of(
    staging: string,
    source: AsyncIterable<Bytes>,
    watch: (bytes: Bytes) => void,
    signal?: AbortSignal,
  ): Promise<Spool> {
    using undo = new DisposableStack();
    const spool = undo.use(new Spool(`${staging}/spool-${crypto.randomUUID()}`));
    await using file = await FileWriter.create(spool.path, "take in the archive");
    for await (const bytes of source) {
      signal?.throwIfAborted();
      watch(bytes);
      await file.write(bytes);
      spool.#length += bytes.length;
    }
    await file.flush();
    undo.move();
    return spool;
  }

  get range(): FileRange {
    return { path: this.path, offset: 0, length: this.#length };
  }

  [Symbol.dispose](): void {
    this.#working[Symbol.dispose]();
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
