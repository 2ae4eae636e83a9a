import { invalid } from "../../base/errors.ts";
import type { Container } from "../containers/container.ts";
import type { MountPlan } from "../mount_plan.ts";
import type { Parts } from "../parts.ts";

/**
 * The mounts of other containers (`--volumes-from ID[:ro|rw]`), later ones in place of earlier; whether these run does
 * not matter. What they have from others is theirs by now, so that chains need no further look.
 * @throws `invalid` for a container that is not there, and for a mode
 */
export function inheritedMounts({ containers }: Pick<Parts, "containers">, from: readonly string[]): MountPlan[] {
  const mounts = new Map<string, MountPlan>();
  for (const text of from) {
    const { name, readonly } = parseVolumesFrom(text);
    const other = containers.find(name);
    // Docker's clients take "not found" for the image, and pull it.
    if (other === undefined) throw invalid(`No such container: ${name}`);
    for (const plan of inheritable(other)) {
      mounts.set(plan.target, { ...plan, ...readonly && plan.kind !== "image" && { readonly: true } });
    }
  }
  return [...mounts.values()];
}

/** A tmpfs is each container's own; what is copied from an image, and given to a user, has been by now. */
function inheritable({ record }: Container): MountPlan[] {
  return (record.mountPlans ?? []).flatMap((plan): MountPlan[] => {
    if (plan.kind === "tmpfs") return [];
    if (plan.kind === "image") return [plan];
    const { chown: _once, ...kept } = plan;
    return [kept.kind === "volume" ? { ...kept, copy: false } : kept];
  });
}

function parseVolumesFrom(text: string): { name: string; readonly: boolean } {
  const colon = text.indexOf(":");
  const [name, mode] = colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
  if (name === "") throw invalid(`invalid volumes-from specification: '${text}'`);
  const modes = mode.split(",").filter((one) => one !== "");
  if (!modes.every((one) => /^(ro|rw|z|Z)$/.test(one))) throw invalid(`invalid mode: ${mode}`);
  return { name, readonly: modes.includes("ro") };
}
