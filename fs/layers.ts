import { failpoint } from "../base/failpoint.ts";
import { makeDirectory } from "../sys/directory.ts";
import { CWD } from "../sys/fd.ts";
import { working } from "./staging.ts";
import { discard } from "./trash.ts";

/** A layer that is being made: not where anyone looks for it. */
export interface StagedLayer {
  /** The name that it will have in `layers/`: short, since overlay's options must fit one page. */
  readonly name: string;
  readonly folder: string;
  readonly skeleton: string;
}

/** The folders of the layers, `layers/N`, and what their tars had beside the files, `skeletons/N`. */
export class LayerFolders {
  readonly #root: string;
  /** By the folder: those that are neither kept nor dropped yet. */
  readonly #staged = new Map<string, Disposable>();
  #next: number;

  /** `root` is the state folder, of which this is the only user. What another left unfinished is taken away. */
  constructor(root: string) {
    this.#root = root;
    for (const folder of ["layers", "skeletons", "staging"]) {
      Deno.mkdirSync(`${root}/${folder}`, { recursive: true, mode: 0o700 });
    }
    // Nobody stages yet: these are of an engine that died.
    for (const { name } of Deno.readDirSync(`${root}/staging`)) {
      if (/^(layer|skeleton)-\d+$/.test(name)) discard(root, `${root}/staging/${name}`);
    }
    const used = ["layers", "skeletons"].flatMap((folder) => [...Deno.readDirSync(`${root}/${folder}`)])
      .map(({ name }) => Number(name)).filter(Number.isSafeInteger);
    this.#next = 1 + used.reduce((most, n) => Math.max(most, n), 0);
  }

  folder(name: string): string {
    return `${this.#root}/layers/${name}`;
  }

  skeleton(name: string): string {
    return `${this.#root}/skeletons/${name}`;
  }

  /** Makes an empty folder to unpack into. */
  stage(): StagedLayer {
    const name = String(this.#next++);
    const folder = `${this.#root}/staging/layer-${name}`;
    const skeleton = `${this.#root}/staging/skeleton-${name}`;
    using undo = new DisposableStack();
    for (const path of [folder, skeleton]) undo.use(working(path));
    makeDirectory(CWD, folder, 0o755);
    Deno.chmodSync(folder, 0o755); // overlay takes the mode of `/` from the upper, but other lookers should see one
    this.#staged.set(folder, undo.move());
    return { name, folder, skeleton };
  }

  /** Puts a complete layer where it belongs. It counts once the database knows it: until then a sweep takes it. */
  keep({ name, folder, skeleton }: StagedLayer): void {
    try {
      Deno.renameSync(skeleton, this.skeleton(name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // made by the engine, from no tar
    }
    failpoint("layer.skeleton");
    Deno.renameSync(folder, this.folder(name));
    failpoint("layer.folder");
    this.#forget(folder);
  }

  /** Gives up a layer that is not complete. */
  drop({ name, folder, skeleton }: StagedLayer): void {
    for (const path of [folder, skeleton]) discard(this.#root, path);
    this.#forget(folder);
    this.remove(name);
  }

  remove(name: string): void {
    for (const path of [this.folder(name), this.skeleton(name)]) discard(this.#root, path);
  }

  #forget(folder: string): void {
    this.#staged.get(folder)?.[Symbol.dispose]();
    this.#staged.delete(folder);
  }
}
