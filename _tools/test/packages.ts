/** A Debian package that the tests use, and why. */
export interface Package {
  readonly name: string;
  /** The package is there when these commands are, wherever they came from; with none, dpkg is asked. */
  readonly commands: readonly string[];
  readonly why: string;
}

/** What the tests need on Debian 12 beside Deno. */
export const packages: readonly Package[] = [
  { name: "attr", commands: ["setfattr"], why: "extended attributes, whiteouts among them, made by another program" },
  {
    name: "binutils-aarch64-linux-gnu",
    commands: ["aarch64-linux-gnu-as"],
    why: "the executor for the other architecture is held against it",
  },
  { name: "bind9-dnsutils", commands: ["dig", "host"], why: "witnesses for name resolution" },
  { name: "busybox-static", commands: [], why: "the content of the images that the tests import and run" },
  { name: "btrfs-progs", commands: ["mkfs.btrfs"], why: "a file system for the state folder that is not ext4" },
  {
    name: "chromium-headless-shell",
    commands: ["chromium-headless-shell"],
    why: "a real browser opens the page that a container serves",
  },
  { name: "dbus", commands: ["dbus-daemon"], why: "the bus by which firewalld is told of bridges" },
  { name: "debootstrap", commands: ["debootstrap"], why: "an image with Debian's own servers" },
  { name: "docker.io", commands: ["docker", "dockerd"], why: "its CLI drives our API; its engine is the peer" },
  { name: "docker-registry", commands: ["docker-registry"], why: "a registry to pull from and push to" },
  { name: "e2fsprogs", commands: ["mkfs.ext4"], why: "small file systems that run full" },
  {
    name: "firewalld",
    commands: ["firewalld", "firewall-cmd"],
    why: "a firewall beside ours that rejects what it does not know",
  },
  { name: "gcc", commands: ["gcc", "as"], why: "struct layouts and the executor are held against the C headers" },
  { name: "libc6-dev", commands: [], why: "those headers" },
  { name: "kmod", commands: ["modprobe"], why: "modules of the kernel that only some tests need" },
  { name: "iproute2", commands: ["ip"], why: "witness for interfaces, routes and namespaces" },
  { name: "iptables", commands: ["iptables-save"], why: "witness for firewall rules" },
  { name: "iperf3", commands: ["iperf3"], why: "TCP and UDP through published ports" },
  { name: "nfs-kernel-server", commands: ["rpc.nfsd", "rpc.mountd", "exportfs"], why: "a server for volumes of NFS" },
  { name: "openssl", commands: ["openssl"], why: "certificates of the registries that the tests start" },
  { name: "podman", commands: ["podman"], why: "writes and reads images as another engine does" },
  { name: "python3", commands: ["python3"], why: "a pty and sockets from outside, and small hostile programs" },
  { name: "runc", commands: ["runc"], why: "the runtime that starts are measured against" },
  { name: "skopeo", commands: ["skopeo"], why: "converts images between formats" },
  { name: "strace", commands: ["strace"], why: "witness for --explain and for descriptors" },
  { name: "umoci", commands: ["umoci"], why: "unpacks images file by file, independently of us" },
  { name: "util-linux", commands: ["unshare", "nsenter", "losetup", "script"], why: "namespaces and terminals" },
  { name: "zstd", commands: ["zstd"], why: "layers compressed with it" },
];

/** The packages that are not here yet, given what is: commands on the PATH, packages by dpkg. */
export function missingPackages(hasCommand: (name: string) => boolean, hasPackage: (name: string) => boolean) {
  return packages.filter(({ name, commands }) => commands.length > 0 ? !commands.every(hasCommand) : !hasPackage(name));
}
