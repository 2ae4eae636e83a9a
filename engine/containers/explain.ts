import type { TapeListing } from "../../base/container_engine.ts";
import { containerTape } from "../../runtime/start/container_tape.ts";
import { listing } from "../../runtime/tape/listing.ts";
import { closeStdio, makeStdio } from "../../runtime/stdio.ts";
import type { Parts } from "../parts.ts";
import { containerSpec } from "../spec/container_spec.ts";
import { containerDevices } from "../spec/devices.ts";
import { networkSteps } from "../networks/network_steps.ts";
import { cgroupPath } from "./cgroup_path.ts";
import type { Container } from "./container.ts";

/**
 * The tape that a start would replay now, and how the networks of a container that runs were set up. The control group is
 * made for its descriptors, and removed again.
 */
export async function explainContainer(parts: Parts, container: Container): Promise<TapeListing> {
  const { config, hostConfig } = container.record;
  await using undo = new AsyncDisposableStack();
  using opened = new DisposableStack();
  const cgroup = container.running?.cgroup ??
    parts.cgroups.create(cgroupPath(container.record), hostConfig, containerDevices(hostConfig).rules);
  if (container.running === undefined) undo.defer(() => cgroup.remove());
  const spec = containerSpec(parts, container, { cgroup }, opened);
  const stdio = opened.adopt(
    makeStdio({
      terminal: config.Tty,
      stdin: config.OpenStdin,
      devpts: "new",
      owner: spec.process.user.uid,
    }),
    closeStdio,
  );
  const done = container.network?.actions;
  return { ...listing(containerTape(spec, stdio).tape), ...done && { network: networkSteps(done) } };
}
