import { shownNames } from "./find.ts";
import type { Shelf } from "./shelf.ts";

/** So many images are told by name. */
const MOST = 5;

/** What to do about images that have lost something: a pull or a load brings back what is missing or damaged. */
export function again(shelf: Shelf, ids: readonly string[]): string {
  const names = ids.flatMap((id) => {
    const { tags, digests } = readableNames(shelf, id);
    return tags.length > 0 ? tags : digests.length > 0 ? digests.slice(0, 1) : [id];
  });
  if (names.length === 0) return "no image has it";
  const more = names.length > MOST ? `, and ${names.length - MOST} more` : "";
  return `pull, load or import again: ${names.slice(0, MOST).join(", ")}${more}`;
}

/** A name that is none must not keep the others from being told. */
function readableNames(shelf: Shelf, id: string): { tags: string[]; digests: string[] } {
  try {
    return shownNames(shelf, id);
  } catch {
    return { tags: [], digests: [] };
  }
}
