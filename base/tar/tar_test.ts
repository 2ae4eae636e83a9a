import assert from "node:assert/strict";
import type { Bytes } from "../container_engine.ts";
import { checksum, FIELD, numberField, paddingOf } from "./block.ts";
import { type TarEntry, tarEntry } from "./entry.ts";
import { encodePax, parsePax, paxTime } from "./pax.ts";
import { TarReader } from "./reader.ts";
import { TAR_END, tarHeader, writeTar } from "./writer.ts";

const LIMITS = { bytes: 1e9, apparentBytes: 1e12, entries: 1000 };
const encode = (text: string) => new TextEncoder().encode(text);
const join = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));

interface Read {
  readonly entry: TarEntry;
  readonly data: { offset: number; bytes: number[] }[];
  ended: boolean;
}

/** What the reader tells of a tar given in pieces, and the bytes of it in the order told. */
function readAll(tar: Uint8Array, piece = tar.length, needsEnd = true): { files: Read[]; bytes: number[] } {
  const files: Read[] = [];
  const bytes: number[] = [];
  const reader = new TarReader({
    entry: (entry) => files.push({ entry, data: [], ended: false }),
    data(data, offset) {
      files.at(-1)?.data.push({ offset, bytes: [...data] });
      bytes.push(...data);
    },
    end() {
      const last = files.at(-1);
      if (last) last.ended = true;
    },
    raw: (raw) => bytes.push(...raw),
  }, LIMITS);
  for (let at = 0; at < tar.length; at += piece) reader.push(new Uint8Array(tar.subarray(at, at + piece)));
  reader.finish({ needsEnd });
  return { files, bytes };
}

const content = (read: Read | undefined) => read?.data.flatMap(({ bytes }) => bytes) ?? [];

async function write(files: readonly { entry: TarEntry; content: Bytes[] }[]): Promise<Uint8Array> {
  return join(...await Array.fromAsync(writeTar(files)));
}

const long = "folder/".repeat(30);
const entries: { name: string; entry: TarEntry }[] = [
  {
    name: "a file",
    entry: tarEntry({ name: "a", mode: 0o4755, uid: 1000, gid: 5, modified: 1_700_000_000_000_000_000n }),
  },
  { name: "a folder", entry: tarEntry({ name: "d/", type: "directory", mode: 0o1777 }) },
  { name: "a symlink", entry: tarEntry({ name: "l", type: "symlink", linkName: "../x", mode: 0o777 }) },
  { name: "a hard link", entry: tarEntry({ name: "h", type: "hardlink", linkName: "a" }) },
  { name: "a character device", entry: tarEntry({ name: "c", type: "character", major: 1, minor: 3 }) },
  { name: "a block device", entry: tarEntry({ name: "b", type: "block", major: 259, minor: 70000 }) },
  { name: "a FIFO", entry: tarEntry({ name: "p", type: "fifo" }) },
  { name: "a name that is no UTF-8", entry: tarEntry({ name: "caf\udce9", type: "symlink", linkName: "\udcff" }) },
  {
    name: "a name that splits into prefix and name",
    entry: tarEntry({ name: `${"p".repeat(120)}/${"n".repeat(99)}` }),
  },
  { name: "a name that does not split", entry: tarEntry({ name: "n".repeat(180) }) },
  { name: "a long path", entry: tarEntry({ name: `${long}file` }) },
  { name: "a long folder", entry: tarEntry({ name: long, type: "directory" }) },
  { name: "a name beyond ASCII", entry: tarEntry({ name: "Grüße/日本" }) },
  { name: "a long link", entry: tarEntry({ name: "l", type: "symlink", linkName: "t".repeat(300) }) },
  { name: "an owner of 32 bits", entry: tarEntry({ name: "o", uid: 4_000_000_000, gid: 3_000_000_000 }) },
  { name: "a time with nanoseconds", entry: tarEntry({ name: "t", modified: 1_234_567_890_123_456_789n }) },
  { name: "a time before 1970", entry: tarEntry({ name: "t", modified: -1_500_000_000n }) },
  { name: "a time beyond 2242", entry: tarEntry({ name: "t", modified: 9_000_000_000_000_000_000n }) },
  {
    name: "attributes with any bytes",
    entry: tarEntry({
      name: "x",
      xattrs: new Map([["user.a", encode("b=c\nd")], ["security.capability", new Uint8Array([0, 1, 255, 10])]]),
    }),
  },
];
for (const { name, entry } of entries) {
  Deno.test(`the tar reader reads ${name} as the writer wrote it, in pieces of any size`, async () => {
    const tar = await write([{ entry, content: [] }, {
      entry: tarEntry({ name: "next", size: 3 }),
      content: [encode("abc")],
    }]);
    for (const piece of [tar.length, 512, 511, 100, 1]) {
      const { files, bytes } = readAll(tar, piece);
      assert.deepEqual(files[0]?.entry, entry);
      assert.deepEqual(content(files[1]), [...encode("abc")]);
      assert.ok(files.every(({ ended }) => ended));
      assert.deepEqual(new Uint8Array(bytes), tar);
    }
  });
}

Deno.test("the tar reader gives back random archives whatever their pieces", async () => {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % below;
  for (let round = 0; round < 30; round++) {
    const files = Array.from({ length: 1 + random(6) }, (_, i) => {
      const size = random(1500);
      const bytes = Uint8Array.from({ length: size }, () => random(256));
      const name = `${"x".repeat(1 + random(250))}${i}`;
      return {
        entry: tarEntry({ name, size, uid: random(2 ** 30), modified: BigInt(random(2 ** 30)) * 7n }),
        content: [bytes],
      };
    });
    const tar = await write(files);
    const { files: found, bytes } = readAll(tar, 1 + random(2000));
    assert.deepEqual(found.map(({ entry }) => entry), files.map(({ entry }) => entry));
    assert.deepEqual(found.map(content), files.map(({ content: [bytes] }) => [...bytes ?? []]));
    assert.deepEqual(new Uint8Array(bytes), tar);
  }
});

Deno.test("writeTar() lets go of each file, also of one whose reader leaves before its content", async () => {
  const files = () => {
    const open = new Set<string>();
    const list = ["a", "b"].map((name) => ({
      entry: tarEntry({ name, size: 1 }),
      content: [encode("x")],
      dispose: () => void open.delete(name),
    }));
    function* given() {
      for (const file of list) {
        open.add(file.entry.name);
        yield file;
      }
    }
    return { open, tar: writeTar(given()) };
  };
  const read = files();
  await Array.fromAsync(read.tar);
  assert.deepEqual([...read.open], []);
  const left = files();
  await left.tar.next();
  assert.deepEqual([...left.open], ["a"]);
  await left.tar.return(undefined);
  assert.deepEqual([...left.open], []);
});

/** A block made by hand, as other tars write it. */
function block(
  fields: Partial<Record<keyof typeof FIELD, string | number[]>>,
  more: [number, string | number[]][] = [],
): Uint8Array {
  const bytes = new Uint8Array(512);
  const put = (at: number, value: string | number[]) =>
    bytes.set(typeof value === "string" ? encode(value) : value, at);
  for (const [field, value] of Object.entries(fields)) put(FIELD[field as keyof typeof FIELD][0], value);
  for (const [at, value] of more) put(at, value);
  put(148, `${checksum(bytes).toString(8).padStart(6, "0")}\0 `);
  return bytes;
}
const padded = (bytes: Uint8Array) => join(bytes, new Uint8Array(paddingOf(bytes.length)));
const octal = (value: number) => `${value.toString(8).padStart(11, "0")}\0`;

Deno.test("the tar reader reads GNU long names and links, and leaves its magic's bytes alone", () => {
  const name = "y".repeat(250), target = "z".repeat(150);
  const tar = join(
    block({ name: "././@LongLink", type: "K", size: octal(151) }),
    padded(encode(`${target}\0`)),
    block({ name: "././@LongLink", type: "L", size: octal(251) }),
    padded(encode(`${name}\0`)),
    block({ name: "short", type: "2", linkName: "cut", magic: "ustar  \0" }, [[345, "not a prefix"]]),
    TAR_END,
  );
  const [file] = readAll(tar).files;
  assert.deepEqual([file?.entry.name, file?.entry.linkName], [name, target]);
});

Deno.test("the tar reader reads v7 files, old folders, contiguous files and links that carry a size", () => {
  const tar = join(
    block({ name: "old/", type: "\0", mode: "0000755\0" }),
    block({ name: "f", type: "7", size: octal(2), mode: "   644 \0" }),
    padded(encode("hi")),
    block({ name: "h", type: "1", linkName: "f", size: octal(2) }),
    block({ name: "g", type: "0" }),
    TAR_END,
  );
  const { files } = readAll(tar);
  assert.deepEqual(files.map(({ entry: { name, type, mode } }) => [name, type, mode]), [
    ["old/", "directory", 0o755],
    ["f", "file", 0o644],
    ["h", "hardlink", 0],
    ["g", "file", 0],
  ]);
});

Deno.test("the tar reader takes global extended headers as nothing, and lets an empty record take back a value", () => {
  const extension = (type: string, records: [string, string][]) => {
    const data = encodePax(new Map(records));
    return join(block({ name: "e", type, size: octal(data.length) }), padded(data));
  };
  const tar = join(
    extension("g", [["path", "everywhere"]]),
    extension("x", [["path", ""], ["uid", "9"]]),
    block({ name: "mine", type: "0" }),
    TAR_END,
  );
  const [file] = readAll(tar).files;
  assert.deepEqual([file?.entry.name, file?.entry.uid], ["mine", 9]);
});

Deno.test("the tar reader reads a GNU sparse header with an extension", () => {
  const sparse = (pairs: [number, number][]) => pairs.map(([offset, length]) => octal(offset) + octal(length)).join("");
  const first = sparse([[0, 1], [600, 1], [1200, 1], [1800, 1]]);
  const extension = new Uint8Array(512);
  extension.set(encode(sparse([[2400, 1]])));
  const tar = join(
    block({ name: "s", type: "S", size: octal(5), magic: "ustar  \0" }, [[386, first], [482, [1]], [483, octal(4000)]]),
    extension,
    padded(encode("abcde")),
    TAR_END,
  );
  for (const piece of [tar.length, 7]) {
    const [file] = readAll(tar, piece).files;
    assert.equal(file?.entry.size, 4000);
    assert.deepEqual(file?.data.map(({ offset }) => offset), [0, 600, 1200, 1800, 2400]);
    assert.deepEqual(content(file), [...encode("abcde")]);
  }
});

const numbers: { name: string; field: number[] | string; value: number }[] = [
  { name: "blanks before", field: "   17\0", value: 15 },
  { name: "nothing", field: "\0\0\0\0", value: 0 },
  { name: "base 256", field: [0x80, 0, 0, 0, 0xee, 0x6b, 0x28, 0], value: 4_000_000_000 },
  { name: "base 256, negative", field: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], value: -2 },
];
for (const { name, field, value } of numbers) {
  Deno.test(`numberField() reads ${name}`, () => {
    const bytes = new Uint8Array(8);
    bytes.set(typeof field === "string" ? encode(field) : field);
    assert.equal(numberField(bytes, [0, 8]), value);
  });
}
Deno.test("numberField() refuses what is no number or beyond what counts exactly", () => {
  assert.throws(() => numberField(encode("0x12\0\0\0\0"), [0, 8]), /octal/);
  assert.throws(() => numberField(new Uint8Array([0xbf, ...new Array(11).fill(0xff)]), [0, 12]), /out of range/);
});

for (const text of ["5 a=\n", "99 a=b\n", "6 a=b", "x a=b\n", "-6 a=b\n", "6 ab\n\n", " \n"]) {
  Deno.test(`parsePax() refuses ${JSON.stringify(text)}`, () => {
    if (text === "5 a=\n") assert.deepEqual([...parsePax(encode(text)).values], [["a", new Uint8Array()]]);
    else assert.throws(() => parsePax(encode(text)), { class: "invalid" });
  });
}

Deno.test("encodePax() counts its own length where that adds a digit", () => {
  for (const length of [0, 4, 5, 6, 7, 93, 94, 95, 96, 993, 994, 995]) {
    const { values } = parsePax(encodePax(new Map([["k", "v".repeat(length)], ["z", "1"]])));
    assert.deepEqual([...values.keys()], ["k", "z"]);
    assert.equal(values.get("k")?.length, length);
  }
});

Deno.test("paxTime() keeps nanoseconds on both sides of 1970", () => {
  assert.equal(paxTime("mtime", encode("1.5")), 1_500_000_000n);
  assert.equal(paxTime("mtime", encode("-1.5")), -1_500_000_000n);
  assert.equal(paxTime("mtime", encode("12.1234567891")), 12_123_456_789n);
  assert.throws(() => paxTime("mtime", encode("1e9")), { class: "invalid" });
});

const broken = [
  {
    name: "an archive that goes on after its end",
    tar: join(TAR_END, new Uint8Array(2 << 20).fill(1)),
    message: /goes on after its end/,
  },
  {
    name: "a lone block of zeros before a header",
    tar: join(new Uint8Array(512), tarHeader(tarEntry({ name: "x" }))),
    message: /follows a block of zeros/,
  },
  { name: "an extension of 2 GiB", tar: block({ name: "x", type: "x", size: octal(2 ** 31) }), message: /too long/ },
  {
    name: "a sparse map out of order",
    tar: block({ name: "s", type: "S", size: octal(2) }, [[386, octal(9) + octal(1) + octal(0) + octal(1)], [
      483,
      octal(20),
    ]]),
    message: /entry s: the sparse map is out of order/,
  },
  {
    name: "a sparse map beyond the file",
    tar: block({ name: "s", type: "S", size: octal(9) }, [[386, octal(15) + octal(9)], [483, octal(20)]]),
    message: /entry s: the sparse map/,
  },
  {
    name: "a sparse map with less than the data",
    tar: block({ name: "s", type: "S", size: octal(9) }, [[386, octal(0) + octal(2)], [483, octal(20)]]),
    message: /2 of 9 bytes/,
  },
];
for (const { name, tar, message } of broken) {
  Deno.test(`the tar reader refuses ${name}`, () => {
    assert.throws(() => readAll(tar), { class: "invalid", message });
  });
}
