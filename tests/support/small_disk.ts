import { run } from "./command.ts";

/** A file system of so many bytes that a test can fill; it goes with the test. */
export class SmallDisk implements AsyncDisposable {
  readonly #fillers: string[] = [];

  private constructor(readonly path: string) {}

  static async open(size: number): Promise<SmallDisk> {
    const path = await Deno.makeTempDir({ prefix: "sauropod-disk-" });
    await run(["mount", "-t", "tmpfs", "-o", `size=${size}`, "sauropod-test", path]);
    return new SmallDisk(path);
  }

  /** Takes all room but `left` bytes. */
  fill(left = 0): void {
    const path = `${this.path}/filler-${this.#fillers.length}`;
    this.#fillers.push(path);
    using file = Deno.openSync(path, { write: true, create: true });
    const page = new Uint8Array(4096);
    let size = 0;
    try {
      for (;;) size += file.writeSync(page);
    } catch {
      file.truncateSync(Math.max(0, size - left));
    }
  }

  /** Gives it back. */
  free(): void {
    for (const path of this.#fillers.splice(0)) Deno.removeSync(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(["umount", this.path]);
    await Deno.remove(this.path);
  }
}
