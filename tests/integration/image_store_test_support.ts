/** A store of images in a folder of its own, and what its tests ask of it. */
import { DatabaseSync } from "node:sqlite";
import type { Bytes } from "../../base/container_engine.ts";
import type { ProgressMessage } from "../../base/docker/image.ts";
import { trashEmptied } from "../../fs/trash.ts";
import { IMAGE_SCHEMA } from "../../image/schema.ts";
import type { ImageUser } from "../../image/shelf.ts";
import { ImageStore } from "../../image/store.ts";
import { output, run } from "../support/command.ts";

export interface TestStore extends AsyncDisposable {
  readonly root: string;
  readonly database: DatabaseSync;
  readonly store: ImageStore;
  /** Containers by image id; a test adds what it needs. */
  readonly users: Map<string, ImageUser[]>;
  readonly events: string[];
  /** The store as an engine would find it after a crash. */
  reopen(): ImageStore;
}

export function testStore(
  limits: { bytes?: number; entries?: number } = {},
  root = Deno.makeTempDirSync({ prefix: "sauropod-images-" }),
): TestStore {
  for (const folder of ["layers", "staging", "containers"]) Deno.mkdirSync(`${root}/${folder}`, { recursive: true });
  const database = new DatabaseSync(`${root}/db.sqlite`, { enableForeignKeyConstraints: true });
  database.exec(`PRAGMA journal_mode = WAL; ${IMAGE_SCHEMA}`);
  const users = new Map<string, ImageUser[]>();
  const events: string[] = [];
  const stores = new DisposableStack();
  const reopen = () =>
    stores.use(
      new ImageStore({
        database,
        root,
        limits,
        usedBy: (id) => users.get(id) ?? [],
        emit: (action, _id, name) => events.push(`${action} ${name}`),
      }),
    );
  return {
    root,
    database,
    store: reopen(),
    users,
    events,
    reopen,
    async [Symbol.asyncDispose]() {
      stores.dispose();
      await trashEmptied(root);
      database.close();
      await run(["rm", "-rf", root]);
    },
  };
}

/** A file as the body of a request. */
export function fileStream(path: string): ReadableStream<Bytes> {
  return Deno.openSync(path).readable;
}

/** Bytes as the body of a request. */
export function bytesStream(bytes: Uint8Array): ReadableStream<Bytes> {
  return ReadableStream.from([new Uint8Array(bytes)]);
}

export async function collected(messages: AsyncIterable<ProgressMessage>): Promise<ProgressMessage[]> {
  return await Array.fromAsync(messages);
}

/** Loads a file; gives the lines that `docker load` prints. */
export async function load(store: ImageStore, path: string): Promise<string[]> {
  const messages = await collected(store.load(fileStream(path), { quiet: true }));
  return messages.map(({ stream }) => stream ?? "");
}

/** Imports a file; gives the id. */
export async function importFile(store: ImageStore, path: string, reference?: string): Promise<string> {
  const messages = await collected(store.import(fileStream(path), reference === undefined ? {} : { reference }));
  return messages.at(-1)?.status ?? "";
}

/** What is in the folders of the store, by the names of the layers; the engine's own two layers are left out. */
export function contents({ root, database }: TestStore): { layers: string[]; skeletons: string[]; staging: string[] } {
  const made = database.prepare("SELECT name FROM made_layers").all().map((row) => String(row["name"]));
  const names = (folder: string) => Array.from(Deno.readDirSync(`${root}/${folder}`), ({ name }) => name).sort();
  return {
    layers: names("layers").filter((name) => !made.includes(name)),
    skeletons: names("skeletons"),
    staging: names("staging").filter((name) => !name.startsWith("trash-")),
  };
}

const FORMAT = "%P|%y|%m|%U:%G|%T@|%l|%n\\n";

/**
 * All of a tree, line by line: type, mode, owner, time, link, names; size and digest of files; devices; attributes. GNU
 * find and getfattr are the witnesses.
 */
export async function listing(folder: string): Promise<string[]> {
  const script = [
    `find . -mindepth 1 ! -type d -printf '${FORMAT}'`,
    `find . -mindepth 1 -type d -printf '${FORMAT.replace("|%n", "")}'`,
    `find . -type f -exec sha256sum {} +`,
    `find . -type f -printf 'size %P %s\\n'`,
    `find . \\( -type c -o -type b \\) -exec stat -c 'device %n %t %T' {} +`,
    `getfattr -R -P -h -d -m - -e hex . | grep -v -e '^# file: \\.$' || true`,
  ].join(" && ");
  const lines = (await run(["sh", "-c", script], { cwd: folder })).split("\n").filter(Boolean);
  return lines.sort();
}

/** The same of an image, its layers mounted by the kernel's overlay in a mount namespace of their own. */
export async function imageListing({ root, store }: TestStore, name: string): Promise<string[]> {
  const image = store.resolve(name);
  const self = import.meta.url;
  const { code, stdout, stderr } = await output([
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mkdir "$1/up" "$1/work" "$1/merged" && cd "$2" && mount -t overlay overlay -o "lowerdir=$3,upperdir=$1/up,workdir=$1/work" "$1/merged" && exec "$4" run -A --quiet --no-check "$5" list "$1/merged"',
    "sh",
    await Deno.makeTempDir({ dir: `${root}/containers` }),
    `${root}/layers`,
    (image?.layers ?? []).join(":"),
    Deno.execPath(),
    self,
  ]);
  if (code !== 0) throw new Error(`cannot list ${name}: ${stderr}`);
  return JSON.parse(stdout);
}

/** `list FOLDER` prints a listing; `load ROOT FILE…` loads files into a store and prints what became of each. */
async function main([verb, folder = "", ...files]: readonly string[]): Promise<void> {
  if (verb === "list") return console.log(JSON.stringify(await listing(folder)));
  const test = testStore({}, folder);
  const results = [];
  for (const file of files) {
    results.push(await load(test.store, file).catch((error) => ({ class: error.class, message: error.message })));
  }
  await trashEmptied(folder);
  const sizes = test.store.layersSize();
  console.log(JSON.stringify({ results, sizes, contents: contents(test) }));
  test.database.close();
}

if (import.meta.main) await main(Deno.args);
