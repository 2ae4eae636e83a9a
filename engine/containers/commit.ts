import type { Bytes, CommitOptions } from "../../base/container_engine.ts";
import { conflict, notFound } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { packChanges } from "../../fs/pack_changes.ts";
import type { Parts } from "../parts.ts";
import { layersOf } from "./changes.ts";
import { committedConfig } from "./committed_config.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { pausedForCommit } from "./pause.ts";

/**
 * Makes an image of a container: its image's layers, and one of what it has changed. It is paused, and cannot be removed,
 * only as long as its files are read: the layer is made of the copy.
 * @throws `invalid` for a name or an instruction that is none, `not_found` when its image has been removed, `conflict` for
 * a container of the image `host`; all before it is paused
 */
export async function commitContainer(
  parts: Parts,
  container: Container,
  options: CommitOptions,
): Promise<{ Id: string }> {
  const { reference, author, comment, signal } = options;
  const { config, imageId } = container.record;
  const base = parts.images.resolve(imageId)?.config.config ?? {};
  const { id, name } = await parts.images.commit({
    base: imageId,
    tar: () => changesAsTar(parts, container, options.pause ?? true),
    container: { id: container.id, config },
    config: committedConfig(config, base, options),
    reference,
    author,
    comment,
    signal,
  });
  publishContainerEvent(parts, container, "commit", { comment: comment ?? "", imageID: id, imageRef: name });
  return { Id: id };
}

async function* changesAsTar(parts: Parts, container: Container, pause: boolean): AsyncGenerator<Bytes> {
  await using _turn = await container.serial.turn();
  const { id, state, folders } = container;
  if (parts.containers.find(id) !== container) throw notFound(`No such container: ${id}`);
  if (state.status === "removing") throw conflict(`You cannot commit container ${id} which is being removed`);
  await using _paused = pause ? await pausedForCommit(parts, container) : undefined;
  failpoint("commit.paused");
  yield* packChanges(`${folders.home}/upper`, layersOf(parts, container));
}
