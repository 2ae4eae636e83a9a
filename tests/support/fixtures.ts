/**
 * Images made on this machine out of Debian's busybox-static, so that no test depends on a registry. Each is built once
 * per process, in a temporary folder that goes when the process ends.
 */
import { run } from "./command.ts";
import { findCommand } from "./machine.ts";

let folder: string | undefined;

/** The folder of this run's fixtures. */
export function fixtureFolder(): string {
  if (folder === undefined) {
    const made = Deno.makeTempDirSync({ prefix: "sauropod-fixtures-" });
    globalThis.addEventListener("unload", () => Deno.removeSync(made, { recursive: true }));
    folder = made;
  }
  return folder;
}

const built = new Map<string, Promise<string>>();

function once(name: string, build: (path: string) => Promise<void>): Promise<string> {
  const path = `${fixtureFolder()}/${name}`;
  const building = built.get(name) ?? build(path).then(() => path);
  built.set(name, building);
  return building;
}

const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`;
const group = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
wheel:x:10:root
mail:x:8:
www-data:x:33:
operator:x:37:
staff:x:50:
users:x:100:
nobody:x:65534:
`;

/** Folders of docker's busybox image with their modes; parents come first. */
const folders: readonly (readonly [path: string, mode: number])[] = [
  ["bin", 0o755],
  ["dev", 0o755],
  ["etc", 0o755],
  ["home", 0o755],
  ["lib", 0o755],
  ["proc", 0o755],
  ["root", 0o700],
  ["sys", 0o755],
  ["tmp", 0o1777],
  ["usr", 0o755],
  ["usr/bin", 0o755],
  ["usr/sbin", 0o755],
  ["var", 0o755],
  ["var/spool", 0o755],
  ["var/spool/mail", 0o755],
  ["var/tmp", 0o1777],
  ["var/www", 0o755],
];

/** A root file system as docker's busybox image has it, in a folder: /bin/busybox with a link per applet, /etc, /tmp … */
export function busyboxRoot(): Promise<string> {
  return once("busybox-root", async (root) => {
    await Deno.mkdir(root);
    for (const [path, mode] of folders) {
      await Deno.mkdir(`${root}/${path}`);
      await Deno.chmod(`${root}/${path}`, mode); // mkdir's mode is subject to the umask
    }
    const busybox = findCommand("busybox");
    if (busybox === undefined) throw new Error("there is no busybox: install busybox-static");
    await Deno.copyFile(busybox, `${root}/bin/busybox`);
    await Deno.chmod(`${root}/bin/busybox`, 0o755);
    const applets = (await run([busybox, "--list"])).split("\n").filter((name) => name !== "" && name !== "busybox");
    for (const applet of applets) await Deno.symlink("busybox", `${root}/bin/${applet}`);
    await Deno.symlink("../../bin/busybox", `${root}/usr/bin/env`);
    await Deno.writeTextFile(`${root}/etc/passwd`, passwd);
    await Deno.writeTextFile(`${root}/etc/group`, group);
    await Deno.writeTextFile(`${root}/etc/shadow`, "root:*:::::::\n", { mode: 0o600 });
    await Deno.writeTextFile(`${root}/etc/nsswitch.conf`, "passwd: files\ngroup: files\nhosts: files dns\n");
  });
}

/** That root file system as a tar, owned by root: what `docker import` takes. */
export function busyboxRootTar(): Promise<string> {
  return once("busybox-root.tar", async (path) => {
    await tarFolder(await busyboxRoot(), path);
  });
}

/** How the layers of an image are compressed. */
export type Compression = "gzip" | "zstd";

/** An OCI image layout (a folder) with one image `latest` of one layer, its command `sh`; made by umoci. */
export function busyboxOciLayout(): Promise<string> {
  return once("busybox-oci", async (layout) => {
    const image = `${layout}:latest`;
    await run(["umoci", "init", "--layout", layout]);
    await run(["umoci", "new", "--image", image]);
    await run(["umoci", "raw", "add-layer", "--image", image, await busyboxRootTar()]);
    const config = [
      "--config.cmd=sh",
      "--config.env=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ];
    await run(["umoci", "config", "--image", image, "--clear=config.cmd", ...config]);
  });
}

/** An OCI layout as a tar, its layers compressed as asked; made by skopeo. */
export function busyboxOciArchive(compression: Compression = "gzip"): Promise<string> {
  return once(`busybox-oci-${compression}.tar`, async (path) => {
    const layout = `${path}.layout`;
    const compress = ["--dest-compress-format", compression, "--dest-compress"];
    await skopeoCopy(`oci:${await busyboxOciLayout()}:latest`, `oci:${layout}:busybox:latest`, ...compress);
    await tarFolder(layout, path);
    await Deno.remove(layout, { recursive: true });
  });
}

/** A docker-archive tar, tagged `busybox:latest`, as `docker save` writes it; made by skopeo. */
export function busyboxDockerArchive(): Promise<string> {
  return once("busybox-docker.tar", async (path) => {
    await skopeoCopy(`oci:${await busyboxOciLayout()}:latest`, `docker-archive:${path}:busybox:latest`);
  });
}

/** Copies an image between two of skopeo's transports; no signature policy of the host is asked. */
export async function skopeoCopy(source: string, target: string, ...options: string[]): Promise<void> {
  await run(["skopeo", "--insecure-policy", "copy", "--quiet", ...options, source, target]);
}

/** Packs what is in `folder` into the tar `path`, everything owned by root. */
export async function tarFolder(folder: string, path: string): Promise<void> {
  const owner = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner"];
  await run(["tar", ...owner, "-cf", path, "-C", folder, "."]);
}
