import { busyboxRootTar } from "../../../tests/support/fixtures.ts";
import { root } from "../../source_files.ts";
import { type Command, finish } from "../command.ts";
import { allOf, exists, gone, killProcessesOf, removeFolder } from "../leftovers.ts";
import { dockerVerbs, image, type Peer, removeAll } from "../peer.ts";

const single = `${root}dist/sauropod`;

/** Us: the single file if it was built, else the checkout. The first command starts the engine. */
export function sauropod(folder: string): Peer {
  const program = exists(single)
    ? [single]
    : [Deno.execPath(), "run", "-A", "--quiet", "--no-check", "--config", `${root}deno.json`, `${root}main.ts`];
  const env = { SAUROPOD_ROOT: `${folder}/root`, SAUROPOD_RUN: `${folder}/run`, SAUROPOD_HOST: "" };
  const cli = (...words: string[]): Command => ({ argv: [...program, ...words], env });
  const enginePid = async () => Number(await finish(cli("info", "--format", "{{.EnginePid}}")));
  return {
    name: "sauropod",
    version: exists(single) ? "dist/sauropod" : "main.ts",
    ...dockerVerbs(cli),
    cli,
    api: { socket: `${folder}/run/sauropod.sock`, version: "v1.41" },
    engine: async () => [await enginePid()],
    async setUp() {
      await Deno.mkdir(folder);
      await finish(cli("import", "-c", 'CMD ["sh"]', await busyboxRootTar(), image));
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
