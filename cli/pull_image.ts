/** What `pull`, `push`, `run` and `create` share. */
import { invalid } from "../base/errors.ts";
import type { Context, Output } from "./command.ts";
import { showProgress } from "./format/progress.ts";
import { authFor } from "./registry_auth.ts";

export interface PullFlags {
  readonly allTags?: boolean;
  readonly platform?: string;
}

/** Pulls an image and shows it on `output`; without one, silently. */
export async function pullWithProgress(
  context: Context,
  image: string,
  { allTags = false, platform = "" }: PullFlags,
  output?: Output,
): Promise<void> {
  const messages = context.engine.images.pull(image, {
    allTags,
    ...platform !== "" && { platform },
    ...await authFor(context, image),
  });
  await showProgress(output ?? SILENT, messages);
}

/** What `pull` and `push` say of a name without a tag. @throws `invalid` for a tag where all are asked for */
export function tellDefaultTag(
  { stdout }: Pick<Context, "stdout">,
  image: string,
  { "all-tags": allTags, quiet }: { readonly "all-tags": boolean; readonly quiet: boolean },
): void {
  if (allTags && isTagged(image)) throw invalid("tag can't be used with --all-tags/-a");
  if (!allTags && !isTagged(image) && !quiet) stdout.print("Using default tag: latest\n");
}

/** Whether a name says which image of the repository: by tag or digest. */
function isTagged(image: string): boolean {
  return /@|:[^/]*$/.test(image);
}

/** Shows nothing. */
export const SILENT: Output = { isTerminal: false, print: () => {}, write: () => Promise.resolve() };

/** A name with all that is understood: `docker.io/library/busybox:latest`. */
export function completeName(image: string): string {
  const slash = image.indexOf("/");
  const first = image.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const rest = isHost ? image.slice(slash + 1) : image;
  const host = isHost && first !== "index.docker.io" ? first : "docker.io";
  const path = host === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest;
  return `${host}/${isTagged(path) ? path : `${path}:latest`}`;
}
