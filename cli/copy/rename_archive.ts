import type { Bytes } from "../../base/container_engine.ts";
import { paddingOf } from "../../base/tar/block.ts";
import type { TarEntry } from "../../base/tar/entry.ts";
import { TarReader, type TarSink } from "../../base/tar/reader.ts";
import { TAR_END, tarHeader } from "../../base/tar/writer.ts";
import { zeros } from "./pack.ts";
import { namesIn, renamed, type Renaming } from "./rename.ts";
import { noLimits } from "./unpack.ts";

/** A tar with its entries under other names. They go on to an engine, which takes them for as hostile as they are. */
export async function* renameArchive(tar: AsyncIterable<Bytes>, renaming: Renaming): AsyncGenerator<Bytes> {
  const written = new RenamedEntries(renaming);
  const reader = new TarReader(written, noLimits);
  for await (const piece of tar) {
    reader.push(piece);
    yield* written.take();
  }
  reader.finish({ needsEnd: true });
  yield TAR_END;
}

/** Writes again what is read, sparse files in full. */
class RenamedEntries implements TarSink {
  readonly #renaming: Renaming;
  #pieces: Bytes[] = [];
  #size = 0;
  #position = 0;

  constructor(renaming: Renaming) {
    this.#renaming = renaming;
  }

  /** What has been written since the last call. */
  take(): Bytes[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  entry(entry: TarEntry): void {
    const linkName = entry.type === "hardlink" ? this.#renamed(entry.linkName) : entry.linkName;
    this.#pieces.push(tarHeader({ ...entry, name: this.#renamed(entry.name), linkName }));
    [this.#size, this.#position] = [entry.size, 0];
  }

  data(bytes: Bytes, offset: number): void {
    this.#pieces.push(...zeros(offset - this.#position), bytes);
    this.#position = offset + bytes.length;
  }

  end(): void {
    this.#pieces.push(...zeros(this.#size - this.#position), new Uint8Array(paddingOf(this.#size)));
  }

  #renamed(path: string): string {
    return renamed(namesIn(path), this.#renaming).join("/") || ".";
  }
}
