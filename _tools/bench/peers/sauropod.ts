import { busyboxRootTar } from "../../../tests/support/fixtures.ts";
import { root, sourceFiles } from "../../source_files.ts";
import { type Command, finish } from "../command.ts";
import { allOf, exists, gone, killProcessesOf, removeFolder } from "../leftovers.ts";
import { dockerVerbs, image, type Peer, type Place, removeAll } from "../peer.ts";

const single = `${root}dist/sauropod`;

/** Us: the single file if it was built, else (or when asked for) the checkout. The first command starts the engine. */
export function sauropod({ folder, network }: Place, checkout: boolean): Peer {
  const built = !checkout && exists(single);
  const program = built
    ? [single]
    : [Deno.execPath(), "run", "-A", "--quiet", "--no-check", "--config", `${root}deno.json`, `${root}main.ts`];
  const env = {
    SAUROPOD_CACHE: `${folder}/cache`,
    SAUROPOD_ROOT: `${folder}/root`,
    SAUROPOD_RUN: `${folder}/run`,
    SAUROPOD_HOST: "",
  };
  const cli = (...words: string[]): Command => ({ argv: [...program, ...words], env, network });
  const enginePid = async () => Number(await finish(cli("info", "--format", "{{.EnginePid}}")));
  return {
    name: "sauropod",
    network,
    version: built ? "(dist/sauropod)" : "(main.ts by deno run)",
    ...dockerVerbs(cli),
    cli,
    api: { socket: `${folder}/run/sauropod.sock`, version: "v1.41" },
    engine: async () => [await enginePid()],
    async setUp() {
      await Deno.mkdir(folder);
      await finish(cli("import", "-c", 'CMD ["sh"]', await busyboxRootTar(), image));
      // As the others are measured: started, and nothing done yet. The next command starts it again.
      const pid = await enginePid();
      await finish(cli("engine", "stop"));
      await gone(pid);
    },
    async tearDown() {
      if (!exists(folder)) return;
      await allOf(
        async () => {
          if (!exists(`${folder}/run/sauropod.sock`)) return;
          await removeAll(cli);
          const pid = await enginePid();
          await finish(cli("engine", "stop"));
          await gone(pid);
        },
        () => killProcessesOf(folder),
        () => removeFolder(folder),
      );
    },
  };
}

/** Our engine behind docker's own command; the engine is one of its own. */
export function sauropodByDocker(place: Place, checkout: boolean): Peer {
  const ours = sauropod(place, checkout);
  const socket = `unix://${place.folder}/run/sauropod.sock`;
  const { network } = place;
  const env = { DOCKER_CONFIG: `${place.folder}/config` };
  const cli = (...words: string[]): Command => ({ argv: ["docker", "--host", socket, ...words], env, network });
  return {
    ...ours,
    name: "by docker",
    version: "(its engine behind docker's command)",
    ...dockerVerbs(cli),
    cli,
    async setUp() {
      await ours.setUp();
      if (ours.cli !== undefined) await finish(ours.cli("ps")); // docker's command starts no engine
    },
  };
}

/** Whether a source file is newer than the single file that will be measured. */
export function singleFileIsOld(): boolean {
  const changed = (path: string) => Deno.statSync(path).mtime?.getTime() ?? 0;
  const sources = sourceFiles().filter((path) => !/^(_tools|tests)\/|_test(_support)?\.ts$/.test(path));
  return exists(single) && sources.some((path) => changed(root + path) > changed(single));
}
