import type { Bytes } from "../../base/container_engine.ts";
import { forbidden, invalid, notFound } from "../../base/errors.ts";
import { isDirectory } from "../../fs/union_folder.ts";
import { unpackTree } from "../../fs/unpack_tree.ts";
import { stat } from "../../sys/attributes.ts";
import type { Fd } from "../../sys/fd.ts";
import { fileSystem } from "../../sys/file_system.ts";
import { O, openInRoot } from "../../sys/open.ts";
import { refuseMadeUp } from "./made_up.ts";
import { type AskedPath, isMissing } from "./resolve.ts";

/** How a tar is put in place. */
export interface PutOptions {
  readonly keepKinds: boolean;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Unpacks a tar into the directory at a path, symlinks followed in the root.
 * @throws `not_found`, `invalid` when it is no directory or the tar is broken, `forbidden` where it is read-only
 */
export async function putArchive(
  root: Fd,
  { path }: AskedPath,
  of: string,
  tar: ReadableStream<Bytes>,
  { keepKinds, owner }: PutOptions,
): Promise<void> {
  using folder = openPlace(root, path, of);
  await unpackTree(tar, root, { below: { path, folder }, keepKinds, ...owner && { owner }, needsEnd: false });
}

function openPlace(root: Fd, path: string, of: string): Fd {
  using undo = new DisposableStack();
  try {
    const place = undo.use(openInRoot(root, path || ".", O.PATH));
    const found = stat(place);
    if (!isDirectory(found)) throw invalid("extraction point is not a directory");
    refuseMadeUp(place, path);
    if (fileSystem(place).readonly) {
      const isRoot = found.mount === stat(root).mount;
      throw forbidden(isRoot ? "container rootfs is marked read-only" : "mounted volume is marked read-only");
    }
    undo.move();
    return place;
  } catch (error) {
    throw isMissing(error) ? notFound(`Could not find the file /${path} in ${of}`) : error;
  }
}
