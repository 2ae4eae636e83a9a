import { usage } from "../../fs/usage.ts";
import type { ReportedImage } from "./reported.ts";

/** Where a layer is unpacked. */
export function layerFolder(root: string, name: string): string {
  return `${root}/layers/${name}`;
}

/** Bytes of the writable layer of a container, and of all its layers together; read from the disk. */
export function containerSizes(
  root: string,
  home: string,
  image: ReportedImage | undefined,
): { SizeRw: number; SizeRootFs: number } {
  const SizeRw = usage(`${home}/upper`);
  const lowers = (image?.layers ?? []).reduce((sum, name) => sum + usage(layerFolder(root, name)), 0);
  return { SizeRw, SizeRootFs: SizeRw + lowers };
}
