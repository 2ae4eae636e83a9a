import { invalid } from "../../base/errors.ts";
import type { MountPlan, Propagation } from "../mount_plan.ts";
import { checkVolumeName } from "../volumes/name.ts";
import { checkTarget } from "./mount_target.ts";

/** What may stand behind the second colon; `U` and `idmap` are podman's. */
const MODE = /^(ro|rw|z|Z|U|idmap|nocopy|r?(private|shared|slave))$/;

/**
 * `/host:/container[:ro,rslave,…]` or `name:/container[:ro,nocopy,…]`. `z` and `Z` are about labels of SELinux, which is
 * not used here.
 */
export function parseBind(text: string): MountPlan {
  const [source = "", path, mode = "", ...rest] = text.split(":");
  if (source === "" || path === undefined || rest.length > 0) {
    throw invalid(`invalid volume specification: '${text}'`);
  }
  const modes = modesOf(mode);
  const propagation = modes.find((one) => /^r?(private|shared|slave)$/.test(one)) as Propagation | undefined;
  const common = { target: checkTarget(path), readonly: modes.includes("ro"), mode };
  const owner = { ...modes.includes("U") && { chown: true }, ...modes.includes("idmap") && { idmap: true } };
  if (source.startsWith("/")) {
    const plan = { kind: "bind", source, ...common, recursive: true, makeMissing: true, ...owner } as const;
    return propagation === undefined ? plan : { ...plan, propagation };
  }
  // What is mounted in a volume later is nobody's concern but the container's.
  if (propagation !== undefined) throw invalid(`invalid mode: ${mode}`);
  checkVolumeName(source);
  return { kind: "volume", name: source, anonymous: false, ...common, copy: !modes.includes("nocopy"), ...owner };
}

/** @throws `invalid` for one that is none, and for two that exclude each other */
function modesOf(mode: string): string[] {
  const modes = mode.split(",").filter((one) => one !== "");
  const several = (pattern: RegExp) => modes.filter((one) => pattern.test(one)).length > 1;
  const wrong = !modes.every((one) => MODE.test(one)) || several(/^r[ow]$/) || several(/^z$/i) ||
    several(/^r?(private|shared|slave)$/);
  if (wrong) throw invalid(`invalid mode: ${mode}`);
  return modes;
}
