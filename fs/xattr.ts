import { invalid } from "../base/errors.ts";

/** Whether an attribute says to overlay what a file means, so that it is no part of what the file is. */
export function isOverlayXattr(key: string): boolean {
  return /^(trusted|user)\.overlay\./.test(key);
}

/**
 * Whether an extended attribute of a layer is put on the disk. Labels of security modules are not: they belong to the
 * machine that the layer was made on.
 * @throws invalid for overlay's own: an image must not say what the file system of its container does
 */
export function isKeptXattr(key: string): boolean {
  if (isOverlayXattr(key)) throw invalid(`the attribute ${key} is the file system's own`);
  return key === "security.capability" || /^system\.posix_acl_(access|default)$/.test(key) ||
    /^(user|trusted)\../.test(key);
}
