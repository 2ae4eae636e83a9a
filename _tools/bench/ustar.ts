/** Just enough of the ustar format (tar(5)) to write an image of generated files. */

const block = 512;

type Bytes = Uint8Array<ArrayBuffer>;

export interface TarEntry {
  /** At most 100 bytes; a folder's ends with a slash. */
  readonly path: string;
  readonly size: number;
  /** So many bytes, in pieces. */
  readonly content: Iterable<Bytes>;
}

/** A small file. */
export function fileEntry(path: string, content: Bytes): TarEntry {
  return { path, size: content.length, content: [content] };
}

export function folderEntry(path: string): TarEntry {
  return { path: `${path}/`, size: 0, content: [] };
}

/** The bytes of a tar, entry after entry, and its end. */
export function* tar(entries: Iterable<TarEntry>): Generator<Bytes> {
  for (const { path, size, content } of entries) {
    yield header(path, size);
    yield* content;
    const rest = size % block;
    if (rest > 0) yield new Uint8Array(block - rest);
  }
  yield new Uint8Array(2 * block);
}

function header(path: string, size: number): Bytes {
  const bytes = new Uint8Array(block);
  const text = new TextEncoder();
  const put = (offset: number, value: string) => bytes.set(text.encode(value), offset);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  const folder = path.endsWith("/");
  put(0, path);
  put(100, octal(folder ? 0o755 : 0o644, 7)); // mode; then owner and group
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(1_700_000_000, 11)); // time of the last change
  put(148, "        "); // the checksum counts as spaces in its own sum
  put(156, folder ? "5" : "0");
  put(257, "ustar\0" + "00");
  put(148, `${octal(bytes.reduce((sum, byte) => sum + byte, 0), 6)}\0 `);
  return bytes;
}
