import { usage } from "../../fs/usage.ts";
import type { ReportedImage } from "./reported.ts";

/** Where a layer is unpacked. */
export function layerFolder(root: string, name: string): string {
  return `${root}/layers/${name}`;
}

/** Bytes of the writable layer of a container, which are counted on the disk, and those of its image with them. */
export function containerSizes(
  home: string,
  image: ReportedImage | undefined,
): { SizeRw: number; SizeRootFs: number } {
  const SizeRw = usage(`${home}/upper`);
  return { SizeRw, SizeRootFs: SizeRw + (image?.size ?? 0) };
}
