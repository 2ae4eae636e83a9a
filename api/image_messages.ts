/** How Docker speaks of images: their names in two parts, and progress whose last message may be a failure. */
import type { ProgressMessage } from "../base/docker/image.ts";
import type { Exchange } from "./exchange.ts";
import { failure } from "./status.ts";

/** Once something has been sent there is no status to give: a failure is then the last message, as Docker has it. */
export async function* endingWithError({ log }: Exchange, messages: AsyncIterable<ProgressMessage>) {
  let begun = false;
  try {
    for await (const message of messages) {
      yield message;
      begun = true;
    }
  } catch (error) {
    if (!begun) throw error;
    const { message, log: line } = failure(error);
    if (line !== undefined) log(`images: ${line}`);
    yield { error: message, errorDetail: { message } };
  }
}

/** A name from the parameters `repo` and `tag`; the latter may be a digest. */
export function referenceOf(repository: string | undefined, tag: string | undefined): string | undefined {
  if (repository === undefined || tag === undefined) return repository;
  return tag.includes(":") ? `${repository}@${tag}` : `${repository}:${tag}`; // a digest has a colon, a tag cannot
}
