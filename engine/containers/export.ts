import type { Bytes } from "../../base/container_engine.ts";
import { streamOwning } from "../../base/stream_owning.ts";
import { packTree } from "../../fs/pack_tree.ts";
import { UnionFolder } from "../../fs/union_folder.ts";
import type { Parts } from "../parts.ts";
import { layersOf } from "./changes.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";

/** The file system of a container as a tar, without what is mounted in it: its files as they are when each is read. */
export function exportContainer(parts: Parts, container: Container): ReadableStream<Bytes> {
  const folder = UnionFolder.of([`${container.folders.home}/upper`, ...layersOf(parts, container)]);
  publishContainerEvent(parts, container, "export");
  return streamOwning(folder, packTree(folder));
}
