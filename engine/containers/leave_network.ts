import type { NetworkSettings } from "../../base/docker/network.ts";
import { notConnected, settingsWith } from "../networks/wishes.ts";
import type { Container } from "./container.ts";

/** Gives addresses, ports and names of a run back. Returns what the record keeps: the wishes. */
export function leaveNetwork(container: Container): NetworkSettings {
  container.network?.release();
  container.network = undefined;
  const { networkSettings } = container.record;
  const wishes = Object.entries(networkSettings.Networks).map(
    ([name, { IPAMConfig, Links, Aliases, DriverOpts, NetworkID }]) => {
      const kept = {
        IPAMConfig: IPAMConfig ?? null,
        Links: Links ?? null,
        Aliases: Aliases ?? null,
        DriverOpts: DriverOpts ?? null,
      };
      return [name, { ...notConnected({ id: NetworkID ?? "" }), ...kept }] as const;
    },
  );
  return settingsWith(Object.fromEntries(wishes));
}
