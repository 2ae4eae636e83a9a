import { conflict, describeError, errorClass, notFound } from "../../base/errors.ts";
import { holdFiles } from "../../runtime/start/hold_files.ts";
import type { Fd } from "../../sys/fd.ts";
import { O } from "../../sys/open.ts";
import type { Container } from "../containers/container.ts";
import type { Parts } from "../parts.ts";
import { filesSpec } from "../spec/container_spec.ts";
import { holdVolumes } from "../volumes/hold.ts";

/** A root, with all that is mounted in it, open until it is disposed of. Every path in it is hostile. */
export interface OpenFiles extends Disposable {
  readonly root: Fd;
  /** Whether processes live in there, and the kernel's own file systems with them. */
  readonly live: boolean;
}

/**
 * The files of a container: those that its process sees; or, while it does not run, its root and its mounts put together
 * aside, during which it is neither started nor removed.
 */
export async function openFiles(parts: Parts, container: Container): Promise<OpenFiles> {
  return filesOfRunning(container) ?? await filesOfStopped(parts, container);
}

function filesOfRunning({ running }: Container): OpenFiles | undefined {
  try {
    const root = running?.openProc("root", O.PATH | O.DIRECTORY);
    return root && { root, live: true, [Symbol.dispose]: () => root.close() };
  } catch (error) {
    if (errorClass(error) === "conflict") return undefined; // it has just ended
    throw error;
  }
}

async function filesOfStopped(parts: Parts, container: Container): Promise<OpenFiles> {
  await using undo = new AsyncDisposableStack();
  undo.use(await container.serial.turn());
  const { id, state } = container;
  if (parts.containers.find(id) !== container) throw notFound(`No such container: ${id}`);
  if (state.status === "removing") throw conflict("container is marked for removal and cannot be copied from or to");
  const running = filesOfRunning(container); // it was started while we waited
  if (running !== undefined) return running;
  undo.use(await holdVolumes(parts, container));
  using opened = new DisposableStack();
  const { root } = undo.use(await holdFiles(filesSpec(parts, container, opened), parts.reactor));
  const held = undo.move();
  const release = () => held.disposeAsync().catch((error) => parts.log(`container ${id}: ${describeError(error)}`));
  return { root, live: false, [Symbol.dispose]: () => void release() };
}
