/** What the tests with hostile archives share: tars made by hand, and the look that nothing of them was kept. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { type TarEntry, tarEntry } from "../../base/tar/entry.ts";
import { writeTar } from "../../base/tar/writer.ts";
import { contents, type TestStore } from "./image_store_test_support.ts";

export const encode = (text: string) => new TextEncoder().encode(text);
export const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
export const hex = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export type File = Partial<TarEntry> & { name: string; text?: string | Uint8Array };

export async function tarOf(...files: File[]): Promise<Uint8Array> {
  const entries = files.map(({ text = "", ...known }) => {
    const content = typeof text === "string" ? encode(text) : new Uint8Array(text);
    return { entry: tarEntry({ size: content.length, ...known }), content: [content] };
  });
  return join(...await Array.fromAsync(writeTar(entries)));
}

export function assertNothingKept(test: TestStore): void {
  assert.deepEqual(contents(test), { layers: [], skeletons: [], staging: [] });
  assert.deepEqual(test.database.prepare("SELECT diff_id FROM layers").all(), []);
  assert.deepEqual(test.events, []);
}

export const link = (name: string, linkName: string): File => ({ name, type: "symlink", linkName });
