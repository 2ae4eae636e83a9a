import type { EndpointSettings } from "../../base/docker/network.ts";
import { conflict, forbidden } from "../../base/errors.ts";
import { O } from "../../sys/open.ts";
import { writeNetworkFiles } from "../containers/write_network_files.ts";
import type { Container } from "../containers/container.ts";
import type { Parts } from "../parts.ts";
import type { Network } from "./network.ts";
import { publishNetworkEvent } from "./network_event.ts";
import { protectNetwork } from "./realize.ts";
import type { NetworkAction } from "./recorder.ts";
import { besideOthers } from "./subnets.ts";
import { checkedWish, isNetworked, settingsWith } from "./wishes.ts";

/** Puts a container into a network: at once if it runs, and for its next starts. What is done for it goes to `done`. */
export function connectContainer(
  parts: Parts,
  network: Network,
  container: Container,
  wish: EndpointSettings,
  done?: NetworkAction[],
): Promise<void> {
  return container.serial.run(async () => {
    const { record } = container;
    const { networkSettings, hostConfig: { NetworkMode: mode } } = record;
    if (mode.startsWith("container:")) {
      throw forbidden(
        "container sharing network namespace with another container or host cannot be connected to any other network",
      );
    }
    if (mode === "host" && container.running !== undefined) {
      throw forbidden("container cannot be connected to another network: it runs in the host's");
    }
    if (["host", "none"].includes(network.name)) {
      throw forbidden(`container cannot be connected to network ${network.name} while it is in others`);
    }
    if (networkSettings.Networks[network.name] !== undefined) {
      throw forbidden(`endpoint with name ${record.name} already exists in network ${network.name}`);
    }
    const settings = checkedWish(network, wish);
    container.change({ chosenMacs: { ...record.chosenMacs, [network.name]: settings.MacAddress ?? "" } });
    if (container.running === undefined || !isNetworked(mode)) {
      if (container.running !== undefined) {
        throw conflict("a running container without network cannot be connected to one");
      }
      const { none: _, ...others } = networkSettings.Networks;
      container.change({
        networkSettings: settingsWith({ ...others, [network.name]: settings }, networkSettings.Ports),
      });
    } else {
      using namespace = container.running.openProc("ns/net", O.RDONLY);
      const { recorder } = parts.host;
      const standing = recorder.during(done, () => besideOthers(parts, parts.networks.get(network.id)));
      await recorder.duringRules(done, [standing.record.bridge], () => protectNetwork(parts, standing));
      recorder.during(done, () => container.network?.connect(namespace, standing, settings));
      const isFirst = container.network?.endpoints.length === 1; // it was in none, and its ports led nowhere
      const published = await (isFirst ? container.network?.republish() : container.network?.publish());
      done?.push(...published ?? []);
      if (container.network !== undefined) container.change({ networkSettings: container.network.settings });
      writeNetworkFiles(parts, container);
    }
    publishNetworkEvent(parts, network, "connect", { container: container.id });
  });
}

/** Takes it out again. @throws `forbidden` when it is not in there */
export function disconnectContainer(parts: Parts, network: Network, container: Container): Promise<void> {
  return container.serial.run(async () => {
    const { networkSettings } = container.record;
    if (networkSettings.Networks[network.name] === undefined) {
      throw forbidden(`container ${container.id} is not connected to network ${network.name}`);
    }
    const { [network.name]: _, ...others } = networkSettings.Networks;
    if (container.running !== undefined && container.network !== undefined) {
      using namespace = container.running.openProc("ns/net", O.RDONLY);
      await container.network.disconnect(namespace, network);
      container.change({ networkSettings: container.network.settings });
      writeNetworkFiles(parts, container);
    } else container.change({ networkSettings: settingsWith(others, networkSettings.Ports) });
    publishNetworkEvent(parts, network, "disconnect", { container: container.id });
  });
}
