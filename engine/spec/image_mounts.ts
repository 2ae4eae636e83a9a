import { invalid, notFound } from "../../base/errors.ts";
import type { MountPlan } from "../mount_plan.ts";
import type { Parts } from "../parts.ts";

/** The mounts, those of images by id: a name may be another's tomorrow. @throws `not_found` for an image */
export function imagesOf({ images }: Pick<Parts, "images">, plans: readonly MountPlan[]): MountPlan[] {
  return plans.map((plan) => {
    if (plan.kind !== "image") return plan;
    const image = images.resolve(plan.image);
    if (image === undefined) throw notFound(`No such image: ${plan.image}`);
    if (image.host) throw invalid("the image host cannot be mounted: mount the folder of the host instead");
    return { ...plan, image: image.id };
  });
}
