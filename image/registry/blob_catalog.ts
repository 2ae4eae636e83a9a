/** Which blobs of which registries hold a layer. What is noted here was verified: downloaded, or sent. */
import type { DatabaseSync } from "node:sqlite";

export interface LayerBlob {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  /** Registry and repository: `docker.io/library/busybox`. */
  readonly source: string;
}

/** Of one layer; the oldest are forgotten. */
const MOST = 50;

export class BlobCatalog {
  readonly #database: DatabaseSync;
  readonly #spend: <T>(change: () => T) => T;

  constructor(database: DatabaseSync, spend: <T>(change: () => T) => T = (change) => change()) {
    this.#database = database;
    this.#spend = spend;
  }

  /** The last noted first. */
  of(diffId: string): LayerBlob[] {
    const sql = "SELECT digest, size, media_type, source FROM layer_blobs WHERE layer = ? ORDER BY rowid DESC LIMIT ?";
    return this.#database.prepare(sql).all(diffId, MOST).map((row) => ({
      digest: String(row["digest"]),
      size: Number(row["size"]),
      mediaType: String(row["media_type"]),
      source: String(row["source"]),
    }));
  }

  /** Notes where a layer is, if the layer is still here. */
  note(diffId: string, { digest, size, mediaType, source }: LayerBlob): void {
    const sql = "INSERT OR REPLACE INTO layer_blobs (layer, digest, size, media_type, source) " +
      "SELECT diff_id, ?, ?, ?, ? FROM layers WHERE diff_id = ?";
    this.#spend(() => this.#database.prepare(sql).run(digest, size, mediaType, source, diffId));
  }

  /** It is not there any more. */
  forget(diffId: string, { digest, source }: LayerBlob): void {
    const sql = "DELETE FROM layer_blobs WHERE layer = ? AND source = ? AND digest = ?";
    this.#spend(() => this.#database.prepare(sql).run(diffId, source, digest));
  }
}
