/**
 * What `docker cp` makes of each kind of source and destination, as docker 28.2 against dockerd 20.10 did it, into the
 * container and out of it alike. The one row in which they differ is told where it stands.
 */

export interface CopyRule {
  readonly source: string;
  readonly destination: string;
  readonly followLink?: boolean;
  /** What is new or other in `dst` afterwards: `640 F` is a file's mode and content, `750/` a directory's, `-> x` a link. */
  readonly gives?: Readonly<Record<string, string>>;
  /** Whether it is a rule of who unpacks: of the engine on the way in. */
  readonly ofUnpacking?: boolean;
  /** Or what is said, with exit code 1; nothing has changed then. */
  readonly fails?: RegExp;
}

/** Makes `src` and `dst` anew in an empty folder. */
export function makeCopyTree(folder: string): void {
  for (const path of ["src/dir/sub", "dst/d", "dst/d2", "dst/full/file", "dst/full/dir"]) {
    Deno.mkdirSync(`${folder}/${path}`, { recursive: true });
  }
  const files = { "src/file": "F", "src/dir/a": "A", "src/dir/sub/b": "B", "dst/f": "old", "dst/dir": "no directory" };
  for (const [path, text] of Object.entries(files)) {
    Deno.writeTextFileSync(`${folder}/${path}`, text);
    Deno.chmodSync(`${folder}/${path}`, 0o644);
  }
  for (const [target, path] of links) Deno.symlinkSync(target, `${folder}/${path}`);
  for (const path of ["src/dir/sub", "dst/full/dir"]) Deno.chmodSync(`${folder}/${path}`, 0o755);
  Deno.chmodSync(`${folder}/src/file`, 0o640);
  Deno.chmodSync(`${folder}/src/dir`, 0o750);
}

const links = [
  ["file", "src/lfile"],
  ["dir", "src/ldir"],
  ["nowhere", "src/lbroken"],
  ["f", "dst/lf"],
  ["d", "dst/ld"],
  ["lf", "dst/llf"],
  ["new", "dst/lnew"],
  ["no/where", "dst/lbroken"],
  ["../f", "dst/d2/up"],
] as const;

/** All below a folder: its path, and its mode and content as a rule has them. */
export function treeOf(folder: string, below = ""): Map<string, string> {
  const tree = new Map<string, string>();
  for (const { name } of Deno.readDirSync(`${folder}/${below}`)) {
    const path = `${below}${name}`;
    const { isSymlink, isDirectory, mode } = Deno.lstatSync(`${folder}/${path}`);
    const bits = ((mode ?? 0) & 0o7777).toString(8);
    if (isSymlink) tree.set(path, `-> ${Deno.readLinkSync(`${folder}/${path}`)}`);
    else if (!isDirectory) tree.set(path, `${bits} ${Deno.readTextFileSync(`${folder}/${path}`)}`);
    else {
      tree.set(path, `${bits}/`);
      for (const [inner, text] of treeOf(folder, `${path}/`)) tree.set(inner, text);
    }
  }
  return tree;
}

/** What differs: of what is gone, the text `gone`. */
export function difference(before: Map<string, string>, after: Map<string, string>): Record<string, string> {
  const paths = new Set([...before.keys(), ...after.keys()]);
  const changed = [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
  return Object.fromEntries(changed.map((path) => [path, after.get(path) ?? "gone"]));
}

const file = "640 F";

/** `dir` under another name. */
function directory(name: string): Record<string, string> {
  return { [name]: "750/", [`${name}/a`]: "644 A", [`${name}/sub`]: "755/", [`${name}/sub/b`]: "644 B" };
}

/** What is in `dir`. */
function contents(name: string): Record<string, string> {
  return { [`${name}/a`]: "644 A", [`${name}/sub`]: "755/", [`${name}/sub/b`]: "644 B" };
}

export const copyRules: readonly CopyRule[] = [
  { source: "src/file", destination: "dst", gives: { file } },
  { source: "src/file", destination: "dst/", gives: { file } },
  { source: "src/file", destination: "dst/.", gives: { file } },
  { source: "src/file", destination: "dst/f", gives: { f: file } },
  { source: "src/file", destination: "dst/f/", fails: /no such directory|not a directory/ },
  { source: "src/file", destination: "dst/new", gives: { new: file } },
  { source: "src/file", destination: "dst/new/", fails: /no such directory/ },
  { source: "src/file", destination: "dst/new/.", fails: /no such directory|no such file or directory/ },
  {
    source: "src/file",
    destination: "dst/no/new",
    fails: /Could not find the file \S+ in|directory ".*" does not exist/,
  },
  { source: "src/file", destination: "dst/d", gives: { "d/file": file } },
  {
    source: "src/file",
    destination: "dst/full",
    ofUnpacking: true,
    fails: /cannot overwrite directory ".*" with non-directory/,
  },
  { source: "src/file", destination: "dst/lf", gives: { f: file } },
  { source: "src/file", destination: "dst/llf", gives: { f: file } },
  { source: "src/file", destination: "dst/d2/up", gives: { f: file } },
  { source: "src/file", destination: "dst/ld", gives: { "d/file": file } },
  { source: "src/file", destination: "dst/ld/", gives: { "d/file": file } },
  { source: "src/file", destination: "dst/lnew", gives: { new: file } },
  { source: "src/file", destination: "dst/lnew/", fails: /no such directory/ },
  { source: "src/file", destination: "dst/lbroken", fails: /Could not find the file|no such file or directory/ },
  { source: "src/file/", destination: "dst", fails: /Could not find the file|not a directory/ },
  { source: "src/file/.", destination: "dst", fails: /Could not find the file|not a directory/ },
  { source: "src/missing", destination: "dst", fails: /Could not find the file|no such file or directory/ },

  {
    source: "src/dir",
    destination: "dst",
    ofUnpacking: true,
    fails: /cannot overwrite non-directory ".*" with directory/,
  },
  { source: "src/dir", destination: "dst/d", gives: directory("d/dir") },
  { source: "src/dir/", destination: "dst/d", gives: directory("d/dir") },
  { source: "src/dir", destination: "dst/full", gives: directory("full/dir") },
  { source: "src/dir", destination: "dst/f", fails: /cannot copy directory/ },
  { source: "src/dir", destination: "dst/lf", fails: /cannot copy directory/ },
  { source: "src/dir", destination: "dst/new", gives: directory("new") },
  { source: "src/dir", destination: "dst/new/", gives: directory("new") },
  { source: "src/dir", destination: "dst/new/.", fails: /Could not find the file|no such file or directory/ },
  { source: "src/dir", destination: "dst/ld", gives: directory("d/dir") },
  { source: "src/dir", destination: "dst/lnew", gives: directory("new") },
  {
    source: "src/dir",
    destination: "dst/lnew/",
    ofUnpacking: true,
    fails: /cannot overwrite non-directory ".*" with directory/,
  },
  { source: "src/dir/.", destination: "dst/d", gives: contents("d") },
  { source: "src/dir/.", destination: "dst/new", gives: directory("new") },
  { source: "src/dir/.", destination: "dst/f", fails: /cannot copy directory/ },
  // Docker refuses this one, but on the way out only: it takes the link for what the archive's directory would replace.
  { source: "src/dir/.", destination: "dst/ld/", gives: contents("d") },

  { source: "src/lfile", destination: "dst", gives: { lfile: "-> file" } },
  { source: "src/lfile", destination: "dst/f", gives: { f: "-> file" } },
  { source: "src/lfile", destination: "dst/new", gives: { new: "-> file" } },
  { source: "src/lfile/", destination: "dst", fails: /Could not find the file|not a directory/ },
  { source: "src/ldir", destination: "dst", gives: { ldir: "-> dir" } },
  { source: "src/ldir/", destination: "dst", gives: directory("ldir") },
  { source: "src/ldir/", destination: "dst/new", gives: directory("new") },
  { source: "src/ldir/.", destination: "dst/d", gives: contents("d") },
  { source: "src/lbroken", destination: "dst", gives: { lbroken: "-> nowhere" } },

  { source: "src/lfile", destination: "dst", followLink: true, gives: { lfile: file } },
  { source: "src/lfile", destination: "dst/new", followLink: true, gives: { new: file } },
  { source: "src/ldir", destination: "dst", followLink: true, gives: directory("ldir") },
  { source: "src/ldir", destination: "dst/new", followLink: true, gives: directory("new") },
  { source: "src/ldir", destination: "dst/f", followLink: true, fails: /cannot copy directory/ },
  { source: "src/ldir/.", destination: "dst/d", followLink: true, gives: contents("d") },
  { source: "src/lbroken", destination: "dst", followLink: true, fails: /src\/nowhere/ },
];
