import type { DatabaseSync } from "node:sqlite";
import { type ImageConfig, parseImageConfig } from "./image_config.ts";

export interface LayerRow {
  readonly diffId: string;
  /** Of its folder. */
  readonly name: string;
  /** Bytes of its files. */
  readonly size: number;
  readonly tarSize: number;
  readonly hidesLower: boolean;
}

export interface ImageRow {
  readonly id: string;
  readonly config: ImageConfig;
  readonly parent: string | undefined;
  /** When it last got a name; RFC 3339. */
  readonly tagged: string;
}

type Row = Record<string, unknown>;

/** What the database knows of images. Changes are made inside of {@link transaction}. */
export class Catalog {
  readonly #database: DatabaseSync;
  readonly #spend: <T>(change: () => T) => T;
  /** A configuration never changes, its digest being its key. */
  readonly #configs = new Map<string, ImageConfig>();

  /** `spend` does a change again as long as there is a reserve, when the disk is full. */
  constructor(database: DatabaseSync, spend: <T>(change: () => T) => T = (change) => change()) {
    this.#database = database;
    this.#spend = spend;
  }

  /** All of `change` or nothing; it may be called more than once. */
  transaction<T>(change: () => T): T {
    return this.#spend(() => this.#transaction(change));
  }

  #transaction<T>(change: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = change();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  image(id: string): ImageRow | undefined {
    const row = this.#one("SELECT id, config, parent, tagged FROM images WHERE id = ?", id);
    return row && this.#image(row);
  }

  /** All that can be read: one damaged row must not take the others along. */
  images(): ImageRow[] {
    return this.#all("SELECT id, config, parent, tagged FROM images").flatMap((row) => {
      try {
        return [this.#image(row)];
      } catch {
        return [];
      }
    });
  }

  /** The ids that begin with `sha256:` and these hexadecimal digits; two at most. */
  idsThatBegin(digits: string): string[] {
    const rows = this.#all("SELECT id FROM images WHERE id GLOB ? LIMIT 2", `sha256:${digits}*`);
    return rows.map((row) => String(row["id"]));
  }

  /** The configuration as it came. */
  configBytes(id: string): Uint8Array<ArrayBuffer> | undefined {
    const config = this.#one("SELECT config FROM images WHERE id = ?", id)?.["config"];
    return config instanceof Uint8Array ? new Uint8Array(config) : undefined;
  }

  children(id: string): string[] {
    return this.#all("SELECT id FROM images WHERE parent = ?", id).map((row) => String(row["id"]));
  }

  putImage(id: string, config: Uint8Array, diffIds: readonly string[], parent: string | undefined, time: string): void {
    const added = this.#run("INSERT OR IGNORE INTO images (id, config, parent, tagged) VALUES (?, ?, ?, ?)", [
      id,
      config,
      parent ?? null,
      time,
    ]);
    if (added === 0) return;
    for (const [position, diffId] of diffIds.entries()) {
      this.#run("INSERT INTO image_layers (image, position, layer) VALUES (?, ?, ?)", [id, position, diffId]);
    }
  }

  deleteImage(id: string): void {
    this.#run("DELETE FROM images WHERE id = ?", [id]);
    this.#configs.delete(id);
  }

  /** The image of a canonical name. */
  named(name: string): string | undefined {
    const row = this.#one("SELECT image FROM image_names WHERE name = ?", name);
    return row && String(row["image"]);
  }

  /** The canonical names of an image. */
  names(id: string): string[] {
    const rows = this.#all("SELECT name FROM image_names WHERE image = ? ORDER BY name", id);
    return rows.map((row) => String(row["name"]));
  }

  setName(name: string, id: string, time: string): void {
    this.#run("INSERT OR REPLACE INTO image_names (name, image) VALUES (?, ?)", [name, id]);
    this.#run("UPDATE images SET tagged = ? WHERE id = ?", [time, id]);
  }

  deleteName(name: string): void {
    this.#run("DELETE FROM image_names WHERE name = ?", [name]);
  }

  layer(diffId: string): LayerRow | undefined {
    const row = this.#one("SELECT * FROM layers WHERE diff_id = ?", diffId);
    return row && layerRow(row);
  }

  layers(): LayerRow[] {
    return this.#all("SELECT * FROM layers").map(layerRow);
  }

  /** The layers of an image, the lowest first. */
  layersOf(id: string): LayerRow[] {
    const from = "image_layers JOIN layers ON layers.diff_id = image_layers.layer";
    return this.#all(`SELECT layers.* FROM ${from} WHERE image = ? ORDER BY position`, id).map(layerRow);
  }

  unusedLayers(): LayerRow[] {
    return this.#all("SELECT * FROM layers WHERE diff_id NOT IN (SELECT layer FROM image_layers)").map(layerRow);
  }

  putLayer({ diffId, name, size, tarSize, hidesLower }: LayerRow): void {
    this.#run("INSERT INTO layers (diff_id, name, size, tar_size, hides_lower) VALUES (?, ?, ?, ?, ?)", [
      diffId,
      name,
      size,
      tarSize,
      hidesLower ? 1 : 0,
    ]);
  }

  deleteLayer(diffId: string): void {
    this.#run("DELETE FROM layers WHERE diff_id = ?", [diffId]);
  }

  /** How many images have each layer. */
  layerUses(): Map<string, number> {
    const rows = this.#all("SELECT layer, COUNT(DISTINCT image) AS uses FROM image_layers GROUP BY layer");
    return new Map(rows.map((row) => [String(row["layer"]), Number(row["uses"])]));
  }

  /** The layers that the engine made: content to name. */
  madeLayers(): Map<string, string> {
    const rows = this.#all("SELECT content, name FROM made_layers");
    return new Map(rows.map((row) => [String(row["content"]), String(row["name"])]));
  }

  putMadeLayer(content: string, name: string): void {
    this.#run("INSERT INTO made_layers (content, name) VALUES (?, ?)", [content, name]);
  }

  deleteMadeLayer(content: string): void {
    this.#run("DELETE FROM made_layers WHERE content = ?", [content]);
  }

  #image(row: Row): ImageRow {
    const id = String(row["id"]);
    let config = this.#configs.get(id);
    if (config === undefined) {
      config = parseImageConfig(row["config"] as Uint8Array); // a BLOB of a STRICT table
      this.#configs.set(id, config);
    }
    return {
      id,
      config,
      parent: row["parent"] === null ? undefined : String(row["parent"]),
      tagged: String(row["tagged"]),
    };
  }

  #one(sql: string, ...values: string[]): Row | undefined {
    return this.#database.prepare(sql).get(...values);
  }

  #all(sql: string, ...values: string[]): Row[] {
    return this.#database.prepare(sql).all(...values);
  }

  #run(sql: string, values: (string | number | null | Uint8Array)[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }
}

function layerRow(row: Row): LayerRow {
  return {
    diffId: String(row["diff_id"]),
    name: String(row["name"]),
    size: Number(row["size"]),
    tarSize: Number(row["tar_size"]),
    hidesLower: row["hides_lower"] === 1,
  };
}
