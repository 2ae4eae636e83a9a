import type { DatabaseSync, StatementSync } from "node:sqlite";
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

/** A row whose `parent` table lacks what it refers to. */
export interface BrokenReference {
  readonly table: string;
  readonly rowid: number;
  readonly parent: string;
  readonly columns: Readonly<Row>;
}

type Row = Record<string, unknown>;

/** What the database knows of images. Changes are made inside of {@link transaction}. */
export class Catalog {
  readonly #database: DatabaseSync;
  readonly #spend: <T>(change: () => T) => T;
  /** A configuration never changes, its digest being its key. */
  readonly #configs = new Map<string, ImageConfig>();
  /** By their text: to prepare one takes longer than to run it, and a list of images runs several for each. */
  readonly #statements = new Map<string, StatementSync>();

  /** `spend` does a change again as long as there is a reserve, when the disk is full. */
  constructor(database: DatabaseSync, spend: <T>(change: () => T) => T = (change) => change()) {
    this.#database = database;
    this.#spend = spend;
  }

  /** All of `change` or nothing; it may be called more than once. */
  transaction<T>(change: () => T): T {
    return this.#spend(() => this.#transaction(change));
  }

  /** What `change` gives, and everything is as it was: it only shows what would come of it. */
  rehearsal<T>(change: () => T): T {
    this.#database.exec("BEGIN");
    try {
      return change();
    } finally {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    }
  }

  #transaction<T>(change: () => T): T {
    // Within a rehearsal, or another transaction, its own part alone is taken back.
    const [begin, commit, rollback] = this.#database.isTransaction
      ? ["SAVEPOINT part", "RELEASE part", "ROLLBACK TO part; RELEASE part"]
      : ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"];
    this.#database.exec(begin);
    try {
      const result = change();
      this.#database.exec(commit);
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec(rollback);
      throw error;
    }
  }

  /** Whether there is a row, be it one that cannot be read. */
  has(id: string): boolean {
    return this.#one("SELECT 1 FROM images WHERE id = ?", id) !== undefined;
  }

  ids(): string[] {
    return this.#all("SELECT id FROM images ORDER BY rowid").map((row) => String(row["id"]));
  }

  image(id: string): ImageRow | undefined {
    const row = this.#one("SELECT id, parent, tagged FROM images WHERE id = ?", id);
    return row && this.#image(row);
  }

  /** All that can be read: one damaged row must not take the others along. */
  images(): ImageRow[] {
    return this.#all("SELECT id, parent, tagged FROM images").flatMap((row) => {
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

  /** Images and the ids of those that they are said to be built on, where these are not there. */
  lostParents(): { id: string; parent: string }[] {
    const rows = this.#all("SELECT id, parent FROM images WHERE parent NOT IN (SELECT id FROM images) ORDER BY id");
    return rows.map((row) => ({ id: String(row["id"]), parent: String(row["parent"]) }));
  }

  forgetParent(id: string): void {
    this.#run("UPDATE images SET parent = NULL WHERE id = ?", [id]);
  }

  /** Rows that refer to what is not there, which a database that is whole does not let happen. */
  brokenReferences(): BrokenReference[] {
    return this.#all("PRAGMA foreign_key_check").map((row) => {
      const [table, rowid, parent] = [String(row["table"]), Number(row["rowid"]), String(row["parent"])];
      return { table, rowid, parent, columns: this.#one(`SELECT * FROM "${table}" WHERE rowid = ?`, rowid) ?? {} };
    });
  }

  deleteReference({ table, rowid }: BrokenReference): void {
    this.#run(`DELETE FROM "${table}" WHERE rowid = ?`, [rowid]);
  }

  children(id: string): string[] {
    return this.#all("SELECT id FROM images WHERE parent = ?", id).map((row) => String(row["id"]));
  }

  /** One that is there already stays, and gets back what it may have lost on the disk. */
  putImage(id: string, config: Uint8Array, diffIds: readonly string[], parent: string | undefined, time: string): void {
    const sql = "INSERT INTO images (id, config, parent, tagged) VALUES (?, ?, ?, ?) " +
      "ON CONFLICT (id) DO UPDATE SET config = excluded.config";
    this.#run(sql, [id, config, parent ?? null, time]);
    this.#configs.delete(id);
    this.setLayers(id, diffIds);
  }

  setLayers(id: string, diffIds: readonly string[]): void {
    this.#run("DELETE FROM image_layers WHERE image = ?", [id]);
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

  allNames(): string[] {
    return this.#all("SELECT name FROM image_names ORDER BY name").map((row) => String(row["name"]));
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

  /** The diffIDs of an image's layers, the lowest first, those included that are not there. */
  diffIdsOf(id: string): string[] {
    const rows = this.#all("SELECT layer FROM image_layers WHERE image = ? ORDER BY position", id);
    return rows.map((row) => String(row["layer"]));
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

  /** The same layer in another folder. */
  moveLayer({ diffId, name, size, tarSize, hidesLower }: LayerRow): void {
    this.#run("UPDATE layers SET name = ?, size = ?, tar_size = ?, hides_lower = ? WHERE diff_id = ?", [
      name,
      size,
      tarSize,
      hidesLower ? 1 : 0,
      diffId,
    ]);
    this.unmarkDamaged(diffId);
  }

  deleteLayer(diffId: string): void {
    this.#run("DELETE FROM layers WHERE diff_id = ?", [diffId]);
  }

  isDamaged(diffId: string): boolean {
    return this.#one("SELECT 1 FROM damaged_layers WHERE layer = ?", diffId) !== undefined;
  }

  markDamaged(diffId: string): void {
    this.#run("INSERT OR IGNORE INTO damaged_layers (layer) VALUES (?)", [diffId]);
  }

  unmarkDamaged(diffId: string): void {
    this.#run("DELETE FROM damaged_layers WHERE layer = ?", [diffId]);
  }

  /** The images that have a layer. */
  imagesWith(diffId: string): string[] {
    const rows = this.#all("SELECT DISTINCT image FROM image_layers WHERE layer = ? ORDER BY image", diffId);
    return rows.map((row) => String(row["image"]));
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
      const { config: bytes } = this.#one("SELECT config FROM images WHERE id = ?", id) ?? {};
      config = parseImageConfig(bytes as Uint8Array); // a BLOB of a STRICT table
      this.#configs.set(id, config);
    }
    return {
      id,
      config,
      parent: row["parent"] === null ? undefined : String(row["parent"]),
      tagged: String(row["tagged"]),
    };
  }

  #one(sql: string, ...values: (string | number)[]): Row | undefined {
    return this.#prepared(sql).get(...values);
  }

  #all(sql: string, ...values: (string | number)[]): Row[] {
    return this.#prepared(sql).all(...values);
  }

  #run(sql: string, values: (string | number | null | Uint8Array)[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  #prepared(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
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
