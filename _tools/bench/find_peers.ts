import { firstMissing, versionOf } from "./command.ts";
import { newHostNetwork } from "./host_network.ts";
import { type Peer, type PeerName, peerNames } from "./peer.ts";
import { docker } from "./peers/docker.ts";
import { podman } from "./peers/podman.ts";
import { runc } from "./peers/runc.ts";
import { sauropod, sauropodByDocker, singleFileIsOld } from "./peers/sauropod.ts";

export interface PeerWishes {
  readonly names: readonly PeerName[];
  /** Measure main.ts, also where the single file was built. */
  readonly checkout: boolean;
}

/** The peers that are on this machine, each with a folder of its own in `folder`; `say` hears which are not. */
export async function findPeers(folder: string, wishes: PeerWishes, say: (line: string) => void): Promise<Peer[]> {
  const found: Peer[] = [];
  if (!wishes.checkout && wishes.names.includes("sauropod") && singleFileIsOld()) {
    say("dist/sauropod is older than the sources: deno task compile writes it anew, --checkout measures main.ts");
  }
  for (const name of peerNames.filter((name) => wishes.names.includes(name))) {
    const missing = firstMissing(...programs[name]);
    if (missing === undefined) found.push(await makePeer(name, `${folder}/${name.replace(" ", "-")}`, wishes));
    else say(`${name} is left out: ${missing} is not installed`);
  }
  return found;
}

const programs: Readonly<Record<PeerName, readonly string[]>> = {
  sauropod: [],
  "by docker": ["docker"],
  docker: ["docker", "dockerd", "containerd", "runc", "iptables"],
  podman: ["podman", "conmon"],
  runc: ["runc"],
};

async function makePeer(name: PeerName, folder: string, { checkout }: PeerWishes): Promise<Peer> {
  const place = { folder, network: newHostNetwork() };
  switch (name) {
    case "sauropod":
      return sauropod(place, checkout);
    case "by docker":
      return sauropodByDocker(place, checkout);
    case "docker":
      return docker(place, await versionOf("dockerd", "--version"));
    case "podman":
      return podman(place, await versionOf("podman", "--version"));
    case "runc":
      return runc(place, await versionOf("runc", "--version"));
  }
}
