import { invalid } from "../../base/errors.ts";
import { parseBinarySize } from "../../base/units.ts";
import { MS } from "../../sys/mount_flags.ts";
import type { TmpfsPlan } from "../mount_plan.ts";
import { checkTarget } from "./mount_target.ts";

const FLAGS: Readonly<Record<string, { set?: number; clear?: number }>> = {
  defaults: {},
  ro: { set: MS.RDONLY },
  rw: { clear: MS.RDONLY },
  nosuid: { set: MS.NOSUID },
  suid: { clear: MS.NOSUID },
  nodev: { set: MS.NODEV },
  dev: { clear: MS.NODEV },
  noexec: { set: MS.NOEXEC },
  exec: { clear: MS.NOEXEC },
  noatime: { set: MS.NOATIME },
  nodiratime: { set: MS.NODIRATIME },
  relatime: { set: MS.RELATIME },
  strictatime: { set: MS.STRICTATIME },
  sync: { set: MS.SYNCHRONOUS },
};

/** `--tmpfs /run:rw,size=64m,mode=1777`; noexec, nosuid and nodev unless told otherwise, as in Docker. */
export function parseTmpfs(path: string, options: string): TmpfsPlan {
  const target = checkTarget(path);
  let flags: number = MS.NOSUID | MS.NODEV | MS.NOEXEC;
  const data: string[] = [];
  for (const option of options.split(",").filter((option) => option !== "")) {
    const flag = FLAGS[option];
    const [, name, value = ""] = /^(size|mode|uid|gid|nr_inodes|nr_blocks|mpol)=(.+)$/.exec(option) ?? [];
    if (flag !== undefined) flags = (flags | (flag.set ?? 0)) & ~(flag.clear ?? 0);
    else if (name === "size") data.push(`size=${/%$/.test(value) ? value : parseBinarySize(value)}`);
    else if (name !== undefined) data.push(`${name}=${value}`);
    else throw invalid(`invalid tmpfs option [${JSON.stringify(option)}]`);
  }
  return { kind: "tmpfs", target, flags, data: data.join(",") };
}
