/** Roots whose folders lead elsewhere: nothing of the host is reached through them. */
import assert from "node:assert/strict";
import { requires } from "../support/requires.ts";
import { Place, plainSpec, Running } from "../support/started.ts";

const needs = requires({ root: true, command: "busybox", kernel: "5.12" });
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ...needs, fn });

const hostile = [
  { name: "/proc is a link that leads out", path: "proc", link: "../../../../tmp" },
  { name: "/dev is a link", path: "dev", link: "/etc" },
  { name: "/sys is a link", path: "sys", link: "/proc" },
  { name: "/proc is a file", path: "proc", link: undefined },
];
for (const { name, path, link } of hostile) {
  test(`an image whose ${name} is refused by name`, async () => {
    using place = new Place();
    Deno.mkdirSync(`${place.folder}/layers/evil`);
    if (link === undefined) Deno.writeTextFileSync(`${place.folder}/layers/evil/${path}`, "");
    else Deno.symlinkSync(link, `${place.folder}/layers/evil/${path}`);
    const spec = await plainSpec(place);
    const root = { ...spec.root, lowers: ["evil", ...spec.root.lowers] };
    await assert.rejects(Running.start({ ...spec, root }, place), {
      class: "invalid",
      message: new RegExp(`^the image is refused: its /${path} is a symbolic link or a file`),
    });
  });
}

test("a working directory that is a link through /proc is refused, and one out of the root stays inside", async () => {
  using place = new Place();
  Deno.mkdirSync(`${place.folder}/layers/evil`);
  Deno.symlinkSync("/proc/self/fd/11", `${place.folder}/layers/evil/magic`);
  Deno.symlinkSync("../../../../../etc", `${place.folder}/layers/evil/out`);
  const spec = await plainSpec(place);
  const root = { ...spec.root, lowers: ["evil", ...spec.root.lowers] };
  const start = (cwd: string) =>
    Running.start({ ...spec, root, process: { ...spec.process, args: ["pwd"], cwd } }, place);
  await assert.rejects(start("/magic"), { message: /chdir to cwd \("\/magic"\) set in config.json failed/ });
  await assert.rejects(start("/proc/self/fd/11"), { message: /chdir to cwd/ });
  await using running = await start("/out");
  assert.equal((await running.end()).stdout, "/etc\n");
});

test("a mount target that is a link leads to a place in the container", async () => {
  using source = new Place();
  using place = new Place();
  Deno.writeTextFileSync(`${source.folder}/marker`, "");
  Deno.mkdirSync(`${place.folder}/layers/evil/tmp`, { recursive: true });
  Deno.symlinkSync("../../../../../tmp", `${place.folder}/layers/evil/link`);
  const mounts = [{
    kind: "bind",
    source: source.folder,
    target: "/link",
    directory: true,
    readonly: false,
    recursive: true,
  }] as const;
  const spec = await plainSpec(place, { mounts, process: { args: ["ls", "/tmp"] } });
  const root = { ...spec.root, lowers: ["evil", ...spec.root.lowers] };
  await using running = await Running.start({ ...spec, root }, place);
  assert.match((await running.end()).stdout, /^layers\nmarker\n/);
});
