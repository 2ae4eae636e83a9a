/**
 * What of `staging/` is being worked on. At the start everything there is of an engine that died, and a sweep takes it;
 * from then on a name is either in here or nobody's. What is made and moved away without waiting in between need not be.
 */
const busy = new Set<string>();

/** Says that `path` is being worked on, until it is disposed of. */
export function working(path: string): Disposable {
  busy.add(path);
  return { [Symbol.dispose]: () => void busy.delete(path) };
}

/** Whether somebody in this process works on `path`. */
export function isWorkedOn(path: string): boolean {
  return busy.has(path);
}
