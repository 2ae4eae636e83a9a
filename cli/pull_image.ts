/** What `pull`, `run` and `create` share. */
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
  return `${host}/${/@|:[^/]*$/.test(path) ? path : `${path}:latest`}`;
}
