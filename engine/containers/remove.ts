import { conflict, describeError, errorClass, notFound } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { removeWritable } from "../../fs/writable.ts";
import type { Parts } from "../parts.ts";
import { ownVolumes, removeUnusedVolume } from "../volumes/own.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { cancelRestart } from "./restart_policy.ts";
import { killContainer } from "./stop.ts";

/**
 * Removes a container: files first, row last, so that a crash in between is finished by the next engine. With `volumes`
 * its anonymous volumes go along that no other container has.
 * @throws `conflict` when it runs, unless `force` ends it.
 */
export async function removeContainer(
  parts: Parts,
  container: Container,
  { force = false, volumes = false }: { force?: boolean; volumes?: boolean },
): Promise<void> {
  cancelRestart(container);
  if (force) await container.serial.run(() => {}); // a start that is under way would escape the kill
  if (container.running !== undefined) {
    if (!force) throw conflict(refusal(container));
    await killContainer(parts, container, "SIGKILL");
  }
  await container.serial.run(() => {
    const { state } = container;
    if (parts.containers.find(container.id) !== container) {
      if (force) return; // somebody was faster
      throw notFound(`No such container: ${container.id}`);
    }
    if (state.status === "running" || state.status === "starting") throw conflict(refusal(container));
    if (state.status !== "removing") container.move({ status: "removing", previous: state, ...volumes && { volumes } });
    else if (volumes && !state.volumes) container.change({ state: { ...state, volumes } });
    failpoint("remove.marked");
    const alone = container.state.status === "removing" && container.state.volumes ? ownVolumes(parts, container) : [];
    removeWritable(parts.settings.root, container.id);
    failpoint("remove.files");
    // Before the row of the container: what is not done yet is in it.
    for (const volume of alone) removeUnusedVolume(parts, volume);
    failpoint("remove.volumes");
    parts.table.delete(container.id);
    failpoint("remove.row");
    parts.containers.delete(container);
    publishContainerEvent(parts, container, "destroy");
    const exitCode = state.status === "exited" ? state.exitCode : 0;
    container.announceRemoval({ StatusCode: exitCode });
  });
}

/** `--rm`: removes it when all that waits for it is done. Somebody may have removed it by then. */
export function removeByItself(parts: Parts, container: Container): void {
  removeContainer(parts, container, { volumes: true }).catch((error) => {
    if (errorClass(error) !== "not_found") parts.log(`removal of container ${container.id}: ${describeError(error)}`);
  });
}

function refusal({ id, state, record }: Container): string {
  const paused = state.status === "running" && state.paused;
  return `cannot remove container "/${record.name}": container is ${
    paused ? "paused and must be unpaused first" : "running"
  }: ` +
    `${paused ? "unpause" : "stop"} the container before removing or force remove (${id})`;
}
