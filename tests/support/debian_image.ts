/**
 * A root file system of Debian with real servers in it. It comes from Debian's mirror, and tests run apart from the
 * host's network: so `deno task test` makes it before they start, and keeps it, for it takes a minute.
 */
import { fileExists } from "../../base/file_exists.ts";
import { run } from "./command.ts";

const packages = ["apache2", "iperf3"];
const folder = "/var/cache/sauropod-test";

/** Where the tar is once it has been made; in the name is what it is made of. May be deleted at any time. */
export const debianServers = `${folder}/debian-${codename()}-${Deno.build.arch}-${packages.join("-")}.tar`;

/** Fills a cold mirror, too. */
const longest = 15 * 60_000;

/** Makes the tar unless it is there; `say` hears that it will take a while. */
export async function makeDebianServers(say: (line: string) => void): Promise<void> {
  if (fileExists(debianServers)) return;
  say(`Making a Debian with ${packages.join(" and ")} by debootstrap: ${debianServers}`);
  await Deno.mkdir(folder, { recursive: true });
  const work = await Deno.makeTempDir({ dir: folder });
  try {
    const root = `${work}/root`;
    const options = ["--variant=minbase", `--include=${packages.join(",")}`];
    // What it mounts in the root, and what it starts there, is in namespaces of its own: nothing stays, however it ends.
    const apart = ["unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"];
    const command = [...apart, "debootstrap", ...options, codename(), root, await mirror()];
    await run(command, { env: await proxy(), timeout: longest });
    const excluded = [
      "./dev/*",
      "./var/cache/apt/*",
      "./var/lib/apt/lists/*",
      "./usr/share/doc/*",
      "./usr/share/locale/*",
    ]
      .map((path) => `--exclude=${path}`);
    await run(["tar", "--numeric-owner", ...excluded, "-cf", `${work}/root.tar`, "-C", root, "."]);
    await Deno.rename(`${work}/root.tar`, debianServers);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** The release that this machine has (os-release(5)); Debian 12 where that is not said. */
function codename(): string {
  const text = fileExists("/etc/os-release") ? Deno.readTextFileSync("/etc/os-release") : "";
  return /^VERSION_CODENAME="?([\w-]+)"?$/m.exec(text)?.[1] ?? "bookworm";
}

/** The mirror that apt takes that release from. */
async function mirror(): Promise<string> {
  const format = "$(CODENAME) $(COMPONENT) $(SITE)";
  const lines = (await run(["apt-get", "indextargets", "--format", format, "Created-By: Packages"])).split("\n");
  const wanted = `${codename()} main http`;
  return lines.find((line) => line.startsWith(wanted))?.split(" ")[2] ?? "http://deb.debian.org/debian";
}

/** apt's own proxy, which debootstrap's wget does not know of. */
async function proxy(): Promise<Record<string, string>> {
  const [, url] = /^P='(.+)'$/m.exec(await run(["apt-config", "shell", "P", "Acquire::http::Proxy"])) ?? [];
  return url === undefined || url === "DIRECT" ? {} : { http_proxy: url };
}
