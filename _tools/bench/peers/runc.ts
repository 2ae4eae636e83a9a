import { busyboxRoot } from "../../../tests/support/fixtures.ts";
import { type Command, finish } from "../command.ts";
import { allOf, exists, killProcessesOf, removeFolder } from "../leftovers.ts";
import type { Peer, Place } from "../peer.ts";

/**
 * The runtime below docker, alone: no image, no layers, no log, no engine. All containers share one root folder, read-only;
 * it shows what is left of docker's time when docker is taken away.
 */
export function runc({ folder, network }: Place, version: string): Peer {
  const command = (...words: string[]): Command => ({
    argv: ["runc", "--root", `${folder}/state`, ...words],
    network,
  });
  const sleeping = `${folder}/sleeping`;
  let count = 0;
  return {
    name: "runc",
    version,
    network,
    withoutNetworks: "it has no networks",
    runOnce: () => command("run", "--bundle", `${folder}/true`, `bench-once-${count++}`),
    // It gives its own standard streams to the container, which would hold ours open.
    runDetached: (name) => ({ ...command("run", "--detach", "--bundle", sleeping, name), silent: true }),
    exec: (container) => command("exec", container, "true"),
    async remove(containers) {
      for (const name of containers) await finish(command("delete", "--force", name));
    },
    async pidOf(container) {
      const { pid }: { pid: number } = JSON.parse(await finish(command("state", container)));
      return pid;
    },
    async setUp() {
      await Deno.mkdir(folder);
      await makeBundle(`${folder}/true`, ["true"]);
      await makeBundle(sleeping, ["sleep", "3600"]);
    },
    async tearDown() {
      if (!exists(folder)) return;
      await allOf(
        async () => {
          const names = (await finish(command("list", "--quiet"))).split("\n").filter((name) => name !== "");
          for (const name of names) await finish(command("delete", "--force", name));
        },
        () => killProcessesOf(folder),
        () => removeFolder(folder),
      );
    },
  };
}

interface RuncConfig {
  process: { terminal: boolean; args: string[] };
  root: { path: string; readonly: boolean };
}

/** runc's own example configuration, with our root folder and command. */
async function makeBundle(bundle: string, args: string[]): Promise<void> {
  await Deno.mkdir(bundle);
  await finish({ argv: ["runc", "spec", "--bundle", bundle] });
  const config: RuncConfig = JSON.parse(await Deno.readTextFile(`${bundle}/config.json`));
  config.process.terminal = false;
  config.process.args = args;
  config.root = { path: await busyboxRoot(), readonly: true };
  await Deno.writeTextFile(`${bundle}/config.json`, JSON.stringify(config));
}
