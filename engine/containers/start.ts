import { conflict, describeError, notModified } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { now } from "../../base/timestamps.ts";
import { type ContainerSpec, type Stdio } from "../../runtime/container_spec.ts";
import { removeRecord } from "../../runtime/keeper.ts";
import { exitCodeOf, type Started, startProcess } from "../../runtime/start/start.ts";
import { closeStdio, makeStdio } from "../../runtime/stdio.ts";
import { recipientsOf } from "../networks/links.ts";
import { publishPlaces } from "../networks/network_event.ts";
import { ContainerNetwork } from "../networks/container_network.ts";
import type { Parts } from "../parts.ts";
import { giveMounts, holdVolumes, tellOfVolumes } from "../volumes/hold.ts";
import type { Fd } from "../../sys/fd.ts";
import { containerSpec } from "../spec/container_spec.ts";
import { containerDevices } from "../spec/devices.ts";
import { writeNetworkFiles } from "./write_network_files.ts";
import { cgroupPath } from "./cgroup_path.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { leaveNetwork } from "./leave_network.ts";
import { RunningContainer } from "./running_container.ts";
import { openContainerLog } from "./open_container_log.ts";
import { removeByItself } from "./remove.ts";

/**
 * Starts a container: control group, log, streams, then the tape. When the command has been exec'd it runs; when
 * anything fails all of it is undone, and the container keeps the reason. Gives its network: it may have left it when the
 * caller comes to look.
 * @throws `not_modified` when it runs, `conflict` when it is paused or being removed, or what the start failed with.
 */
export function startContainer(parts: Parts, container: Container): Promise<ContainerNetwork | undefined> {
  return container.serial.run(async () => {
    const { state } = container;
    if (state.status === "running") {
      throw state.paused
        ? conflict("cannot start a paused container, try unpause instead")
        : notModified(`container ${container.id} is already running`);
    }
    if (state.status === "removing") throw conflict("container is marked for removal and cannot be started");
    clearTimeout(container.restartTimer);
    await start(parts, container);
    return container.network;
  });
}

/** The start itself; only under the container's serial. */
export async function start(parts: Parts, container: Container): Promise<void> {
  const previous = container.state;
  container.move({ status: "starting", previous });
  try {
    failpoint("start.row");
    await launch(parts, container);
  } catch (error) {
    const [exitCode, message] = [exitCodeOf(error), describeError(error)];
    container.move(
      previous.status === "exited"
        ? { ...previous, exitCode, error: message, restarting: false }
        : { status: "created", exitCode, error: message },
    );
    container.announceExit({ StatusCode: exitCode, Error: { Message: message } });
    publishContainerEvent(parts, container, "die", { exitCode: String(exitCode) });
    container.hub.endRun();
    container.input.endRun();
    if (container.record.hostConfig.AutoRemove) removeByItself(parts, container);
    throw error;
  }
  tellOfVolumes(parts, container, "mount");
  publishPlaces(parts, container, "connect");
  publishContainerEvent(parts, container, "start");
  for (const recipient of recipientsOf(parts, container)) {
    writeNetworkFiles(parts, recipient);
    await recipient.network?.publish();
  }
}

async function launch(parts: Parts, container: Container): Promise<void> {
  const { record, folders } = container;
  const { config, hostConfig } = record;
  await using undo = new AsyncDisposableStack();
  using opened = new DisposableStack(); // what only the process gets

  const cgroup = parts.cgroups.create(cgroupPath(record), hostConfig, containerDevices(hostConfig).rules);
  undo.defer(() => cgroup.remove());
  undo.defer(() => cgroup.kill()); // a set-user-ID program does not end with its keeper
  failpoint("start.cgroup");
  const log = undo.use(openContainerLog(parts, container));
  const network = openNetwork(parts, container, undo, opened);
  writeNetworkFiles(parts, container);
  failpoint("start.network");
  using _held = await holdVolumes(parts, container);
  const spec: ContainerSpec = containerSpec(parts, container, { cgroup, network }, opened);
  await giveMounts(parts, container, spec);
  failpoint("start.volumes");
  const stdio: Stdio = undo.adopt(
    makeStdio({
      terminal: config.Tty,
      stdin: config.OpenStdin,
      devpts: "new",
      owner: spec.process.user.uid,
      size: { rows: hostConfig.ConsoleSize[0], columns: hostConfig.ConsoleSize[1] },
    }),
    closeStdio,
  );
  failpoint("start.stdio");
  // The firewall takes as long as the tape: side by side.
  const published = container.network?.publish();
  published?.catch(() => {}); // it is waited for below, and not before
  const started = await startProcess({ container: spec }, stdio, folders.record, parts.reactor);
  undo.defer(() => abandon(container, started));
  failpoint("start.process");
  await published;
  failpoint("start.published");
  container.running = new RunningContainer(
    { ...started, stdio: stdio.engine, terminal: config.Tty, cgroup, oomKills: 0, log },
    container,
    parts.reactor,
    eventsOf(parts, container),
  );
  failpoint("start.connected");
  // The last step: from here on the next engine would adopt it.
  container.move({
    status: "running",
    paused: false,
    pid: started.pid,
    keeper: started.keeper.identity,
    startedAt: now(),
    stopping: false,
  }, container.network && { networkSettings: container.network.settings });
  undo.move();
  failpoint("start.running");
}

/** Namespace, addresses, ports and name server; undone like everything else. `opened` holds the namespace for the tape. */
function openNetwork(
  parts: Parts,
  container: Container,
  undo: AsyncDisposableStack,
  opened: DisposableStack,
): Fd | undefined {
  const network = ContainerNetwork.open(parts, container);
  if (network === undefined) return undefined;
  opened.use(network.namespace);
  container.network = network.network;
  undo.defer(() => void leaveNetwork(container));
  return network.namespace;
}

/** Ends a process of which nobody has been told. */
function abandon(container: Container, { keeper, process, ended }: Started): void {
  keeper.kill();
  container.running?.[Symbol.dispose]();
  container.running = undefined;
  for (const part of [keeper, process, ended]) part[Symbol.dispose]();
  removeRecord(container.folders.record);
}

/** What is done when the process ends or is out of memory; the same for a container that was adopted. */
export function eventsOf(parts: Parts, container: Container): { end: () => void; oom: () => void } {
  return {
    end: () => parts.onEnd(container),
    oom: () => publishContainerEvent(parts, container, "oom"),
  };
}
