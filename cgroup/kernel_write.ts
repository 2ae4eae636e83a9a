import { unavailable } from "../base/errors.ts";
import { writeKernelFile } from "../sys/file.ts";
import { isErrno } from "../sys/syscall_error.ts";

/** One value for one file of a group; the part of the name before the first dot is the controller. */
export interface KernelWrite {
  readonly file: string;
  readonly value: string;
  /** The kernel may refuse it (EINVAL) until the writes after it are done: then it is written again at the end. */
  readonly again?: boolean;
}

/** The folder in which a controller's files lie; undefined if the kernel or the mount table lacks the controller. */
export type FolderOf = (controller: string) => string | undefined;

/**
 * Writes limits in order.
 * @throws {SyscallError} with path and value when the kernel refuses one
 * @throws {EngineError} `unavailable` when the controller or the file does not exist
 */
export function applyWrites(writes: readonly KernelWrite[], folderOf: FolderOf): void {
  const later: KernelWrite[] = [];
  for (const write of writes) {
    try {
      applyWrite(write, folderOf);
    } catch (error) {
      if (!write.again || !isErrno(error, "EINVAL")) throw error;
      later.push(write);
    }
  }
  for (const write of later) applyWrite(write, folderOf);
}

function applyWrite({ file, value }: KernelWrite, folderOf: FolderOf): void {
  const controller = file.slice(0, file.indexOf("."));
  const folder = folderOf(controller);
  if (folder === undefined) {
    throw unavailable(`the limit ${file} = ${value} needs the cgroup controller ${controller}, which is not mounted`);
  }
  try {
    writeKernelFile(`${folder}/${file}`, value);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    const why = `the kernel lacks it, or the controller ${controller} is not enabled for ${folder}`;
    throw unavailable(`the limit ${file} = ${value} cannot be set: ${why}`, { cause: error });
  }
}
