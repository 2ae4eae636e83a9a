/** Archives of images, containers and volumes as files or streams: where load and import read, save and export write. */
import type { Bytes, TarFile } from "../base/container_engine.ts";
import { invalid, notFound } from "../base/errors.ts";
import { fileStream } from "../base/file_stream.ts";
import type { Input, Output } from "./command.ts";

/** A file to read from. */
export async function openArchive(path: string): Promise<ReadableStream<Bytes>> {
  return fileStream(await openFile(path));
}

/** The tar of an image: a plain file is read where it lies, of anything else comes what comes. `-` stands for stdin. */
export async function openTar(path: string, stdin: Input): Promise<ReadableStream<Bytes> | TarFile> {
  if (path === "-") return stdin.file === undefined ? stdin.readable : { path: stdin.file };
  const file = await openFile(path);
  if (!(await file.stat()).isFile) return fileStream(file);
  file.close();
  return { path: path.startsWith("/") ? path : `${Deno.cwd()}/${path}` };
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(path);
    if (!(await file.stat()).isDirectory) return file;
    file.close();
    throw invalid(`read ${path}: is a directory`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw notFound(`open ${path}: no such file or directory`);
    if (error instanceof Deno.errors.PermissionDenied) throw invalid(`open ${path}: permission denied`);
    throw error;
  }
}

/**
 * Writes a stream where `--output` says, or to stdout without one. `purpose` is what a path that cannot be written to is
 * said to fail: `save image`.
 * @throws `invalid` for a terminal
 */
export async function deliverArchive(
  { output, stdout }: { readonly output: string; readonly stdout: Output },
  fetch: () => Promise<ReadableStream<Bytes>>,
  purpose: string,
): Promise<void> {
  if (output !== "") return await writeArchive(output, fetch, purpose);
  if (stdout.isTerminal) throw invalid("cowardly refusing to save to a terminal. Use the -o flag or redirect");
  await printArchive(await fetch(), stdout);
}

/** Writes a stream to stdout. */
export async function printArchive(archive: ReadableStream<Bytes>, output: Output): Promise<void> {
  for await (const data of archive) await output.write(data);
}

/** Writes a stream to a file, which appears (or replaces another) only when it is whole. */
async function writeArchive(
  path: string,
  fetch: () => Promise<ReadableStream<Bytes>>,
  purpose: string,
): Promise<void> {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".";
  if (!await isDirectory(folder)) {
    throw invalid(`failed to ${purpose}: invalid output path: directory ${JSON.stringify(folder)} does not exist`);
  }
  const device = await isDevice(path, purpose);
  // Beside the target, since a rename does not cross file systems; a device is written to as it is.
  const aside = device ? path : `${folder}/.${path.slice(path.lastIndexOf("/") + 1)}.${Deno.pid}.tmp`;
  const archive = await fetch();
  try {
    const file = await Deno.open(aside, { write: true, create: !device, truncate: !device, mode: 0o600 });
    await archive.pipeTo(file.writable);
    if (!device) await Deno.rename(aside, path);
  } catch (error) {
    if (!device) await Deno.remove(aside).catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

async function isDevice(path: string, purpose: string): Promise<boolean> {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw invalid(`failed to ${purpose}: ${path} is a directory`);
    return !isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
