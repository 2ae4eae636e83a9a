import { unavailable } from "../base/errors.ts";
import { tryLock } from "../sys/file.ts";
import { O, open } from "../sys/open.ts";

/** Keeps a second engine out of a state folder, until disposed or the process ends. @throws `unavailable` */
export function lockFolder(root: string): Disposable {
  const file = open(`${root}/lock`, O.RDWR | O.CREAT, { mode: 0o600 });
  if (tryLock(file)) return file;
  file.close();
  throw unavailable(`another engine works in ${root}`);
}
