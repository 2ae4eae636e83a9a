/**
 * Images as trees of their layers: what stands below a layer is built on it.
 *
 *     LAYER                  SIZE      SHARED BY   TOTAL     IMAGES
 *     ├─ 5f70bf18a086        74.8MB    3 images    74.8MB    debian:12
 *     │  ├─ 0a1b2c3d4e5f     12.3MB    2 images
 *     │  │  1b2c3d4e5f6a     40MB      2 images    127MB     python:3, python:latest
 *     │  │  └─ 2c3d4e5f6a7b  1MB                   128MB     app:1
 *     │  └─ 3d4e5f6a7b8c     30MB                  105MB     nginx:latest
 *     └─ 4e5f6a7b8c9d        4.3MB                 4.3MB     busybox:latest
 *     5 images, 6 layers: 163MB, and 440MB if each image had its own
 */
import type { ImageLayer, ImageSummary } from "../../base/docker/image.ts";
import { shortId } from "../../base/names.ts";
import { counted, humanSize } from "../../base/units.ts";
import { displayWidth } from "./text_columns.ts";

/** Layers one upon the other, of which no image ends before the last, and those that are built on them. */
interface Branch {
  readonly layers: ImageLayer[];
  readonly images: ImageSummary[];
  readonly children: Branch[];
}

/** A line: what is drawn before the first cell, and the cells; the last one holds parts that may be set in lines. */
interface Line {
  readonly branch: string;
  /** The same for further lines of this one. */
  readonly further: string;
  readonly cells: readonly string[];
  readonly names: readonly string[];
}

export interface TreeOptions {
  /** Short ids. */
  readonly truncate: boolean;
  /** Places in a line of the terminal; absent: names are not set in several lines. */
  readonly width?: number;
}

/** The tree of images that were listed with their layers, and what all layers together take. */
export function imageTree(images: readonly ImageSummary[], options: TreeOptions): string {
  const drawn = new Drawing(images, options.truncate);
  const header = { branch: "", further: "", cells: ["LAYER", "SIZE", "SHARED BY", "TOTAL"], names: ["IMAGES"] };
  return aligned([header, ...drawn.lines(branchesOf(images), "")], options.width) + summary(images);
}

/** What the images have in common comes once. */
function branchesOf(images: readonly ImageSummary[], depth = 0): Branch[] {
  const groups = Map.groupBy(images, ({ Layers = [] }) => Layers[depth]?.DiffId ?? "");
  return Array.from(groups.values(), (group) => branchOf(group, depth));
}

function branchOf(images: readonly ImageSummary[], depth: number): Branch {
  const layers: ImageLayer[] = [];
  for (let at = depth;; at++) {
    const layer = images[0]?.Layers?.[at];
    if (layer !== undefined) layers.push(layer);
    const ended = images.filter(({ Layers = [] }) => Layers.length <= at + 1);
    const longer = images.filter((image) => !ended.includes(image));
    const isShared = longer.every(({ Layers }) => Layers?.[at + 1]?.DiffId === longer[0]?.Layers?.[at + 1]?.DiffId);
    if (ended.length > 0 || !isShared) return { layers, images: ended, children: branchesOf(longer, at + 1) };
  }
}

class Drawing {
  readonly #truncate: boolean;
  readonly #uses = new Map<string, number>();
  /** Layers that stand above: a layer may be built on different ones, and is on the disk once. */
  readonly #shown = new Set<string>();

  constructor(images: readonly ImageSummary[], truncate: boolean) {
    this.#truncate = truncate;
    for (const { Layers = [] } of images) {
      for (const id of new Set(Layers.map(({ DiffId }) => DiffId))) this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
    }
  }

  lines(branches: readonly Branch[], indent: string): Line[] {
    return branches.flatMap((branch, at) => {
      const last = at === branches.length - 1;
      const below = `${indent}${last ? "   " : "│  "}`;
      const own = this.#own(branch, `${indent}${last ? "└─ " : "├─ "}`, below);
      return [...own, ...this.lines(branch.children, below)];
    });
  }

  /** A line for each layer, and one more for each further image that ends with the last of them. */
  #own({ layers, images, children }: Branch, first: string, below: string): Line[] {
    const further = children.length > 0 ? `${below}│` : below;
    const cells = layers.length > 0 ? layers.map((layer) => this.#cells(layer)) : [["(no layers)", "", ""]];
    const ends = images.map((image) => ({ total: humanSize(image.Size, 3), names: this.#names(image) }));
    return Array.from({ length: Math.max(cells.length, cells.length - 1 + ends.length) }, (_, at) => {
      const end = ends[at - cells.length + 1];
      return {
        branch: at === 0 ? first : at < cells.length ? below : further,
        further: at < cells.length - 1 ? below : further,
        cells: [...cells[at] ?? ["", "", ""], end?.total ?? ""],
        names: end?.names ?? [],
      };
    });
  }

  #cells({ DiffId, Size }: ImageLayer): string[] {
    const uses = this.#uses.get(DiffId) ?? 0;
    const again = this.#shown.has(DiffId);
    this.#shown.add(DiffId);
    return [this.#id(DiffId), again ? "above" : humanSize(Size, 3), uses > 1 ? `${uses} images` : ""];
  }

  #names({ Id, RepoTags, RepoDigests }: ImageSummary): readonly string[] {
    if (RepoTags.length > 0) return RepoTags;
    return RepoDigests.length > 0 && !this.#truncate ? RepoDigests : [`<none> ${this.#id(Id)}`];
  }

  #id(digest: string): string {
    return this.#truncate ? shortId(digest) : digest;
  }
}

const GAP = 3;

function aligned(lines: readonly Line[], width: number | undefined): string {
  const columns = [0, 1, 2, 3].map((at) =>
    GAP + Math.max(...lines.map(({ branch, cells }) => displayWidth(`${at === 0 ? branch : ""}${cells[at] ?? ""}`)))
  );
  const before = columns.reduce((sum, column) => sum + column, 0);
  return lines.map(({ branch, further, cells, names }) => {
    const padded = cells.map((cell, at) => {
      const text = at === 0 ? branch + cell : cell;
      return text + " ".repeat((columns[at] ?? 0) - displayWidth(text));
    }).join("");
    const [own = "", ...rest] = set(names, width === undefined ? Infinity : width - before);
    return [padded + own, ...rest.map((part) => further.padEnd(before) + part)].map((text) => `${text.trimEnd()}\n`)
      .join("");
  }).join("");
}

/** Names in as few lines as hold them; one that is too long for a line has it to itself. */
function set(names: readonly string[], places: number): string[] {
  const lines: string[] = [];
  for (const [at, name] of names.entries()) {
    const part = at < names.length - 1 ? `${name}, ` : name;
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(last + part.trimEnd()) <= places) lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  return lines;
}

function summary(images: readonly ImageSummary[]): string {
  const layers = new Map(images.flatMap(({ Layers = [] }) => Layers).map(({ DiffId, Size }) => [DiffId, Size]));
  const sum = (sizes: Iterable<number>) => humanSize([...sizes].reduce((all, size) => all + size, 0), 3);
  const alone = sum(images.map(({ Size }) => Size));
  const what = `${counted(images.length, "image")}, ${counted(layers.size, "layer")}`;
  return `${what}: ${sum(layers.values())}, and ${alone} if each image had its own\n`;
}
