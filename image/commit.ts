import type { Bytes } from "../base/container_engine.ts";
import type { ContainerConfig } from "../base/docker/container.ts";
import { conflict, invalid } from "../base/errors.ts";
import { failpoint } from "../base/failpoint.ts";
import { TAR_END } from "../base/tar/writer.ts";
import { now } from "../base/timestamps.ts";
import { configOf } from "./find.ts";
import { type ImageConfig, type ImageDefaults, MAXIMUM_LAYERS } from "./image_config.ts";
import { newImage, newImageName } from "./new_image.ts";
import { newLayer } from "./new_layer.ts";
import { familiar } from "./reference.ts";
import type { Shelf } from "./shelf.ts";
import { storeTar } from "./stored_tar.ts";

/** A container whose changes become an image. */
export interface ImageCommit {
  /** The id of its image. */
  readonly base: string;
  /** Its changes as the tar of a layer; asked for only when all else is right. */
  readonly tar: () => AsyncIterable<Bytes>;
  readonly container: { readonly id: string; readonly config: ContainerConfig };
  /** What containers of the new image start with. */
  readonly config: ImageDefaults;
  /** A name for it, with or without tag; absent: none. */
  readonly reference?: string | undefined;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const OF_HOST = "the root of a container of the image host is that of this machine, which no image has: " +
  "it cannot be committed; export gives its files";

/**
 * Makes an image of another one's layers and one more, as Docker's classic store does. Where nothing was changed it has
 * the same layers, and only its history says that there was a step.
 * @throws `not_found` when the base has been removed, `conflict` when it is the image `host`, `invalid` for a name that is
 * none, or one layer too many
 */
export async function commitImage(shelf: Shelf, commit: ImageCommit): Promise<{ id: string; name: string }> {
  const { signal = new AbortController().signal } = commit;
  const name = newImageName(shelf, commit.reference);
  if (commit.base === shelf.host.id) throw conflict(OF_HOST);
  const base = configOf(shelf, commit.base);
  // Somebody may remove the base meanwhile.
  using after = new DisposableStack();
  after.defer(() => shelf.collect());
  after.use(shelf.hold(base.rootfs.diff_ids));
  using spool = await storeTar(`${shelf.root}/staging`, commit.tar(), signal);
  const isEmpty = spool.range.length <= TAR_END.length;
  if (!isEmpty && base.rootfs.diff_ids.length >= MAXIMUM_LAYERS) throw invalid("max depth exceeded");
  using layer = isEmpty ? undefined : await newLayer(shelf, spool, signal);
  failpoint("commit.layer");
  const id = newImage(
    shelf,
    { config: childConfig(base, commit, layer?.diffId), name, parent: commit.base },
    "commit.image",
  );
  shelf.emit("create", id, id);
  if (name !== undefined) shelf.emit("tag", id, familiar(name));
  return { id, name: name === undefined ? "" : familiar(name) };
}

function childConfig(base: ImageConfig, commit: ImageCommit, diffId: string | undefined) {
  const { author, comment, container, config } = commit;
  const created = now();
  const told = { ...author && { author }, ...comment && { comment } };
  const step = {
    created,
    created_by: (container.config.Cmd ?? []).join(" "),
    ...told,
    ...diffId === undefined && { empty_layer: true },
  };
  return {
    architecture: base.architecture,
    ...base.variant !== undefined && { variant: base.variant },
    ...author && { author },
    config,
    container: container.id,
    container_config: container.config,
    created,
    history: [...base.history ?? [], step],
    os: base.os,
    rootfs: { type: "layers", diff_ids: [...base.rootfs.diff_ids, ...diffId === undefined ? [] : [diffId]] } as const,
  };
}
