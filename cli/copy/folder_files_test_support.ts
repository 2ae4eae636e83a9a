/** Files in a plain folder, packed and unpacked by GNU tar: what a container is to the command line. */
import type { ArchivePutOptions, Bytes, Files } from "../../base/container_engine.ts";
import { GO_MODE, type PathStat } from "../../base/docker/archive.ts";
import { invalid, notFound } from "../../base/errors.ts";
import { globExpression } from "../../base/glob.ts";
import { output } from "../../tests/support/command.ts";
import { lastName, splitPath } from "./path.ts";

/** Every path is one from the folder; its symlinks are relative, or lead out of it. */
export class FolderFiles implements Files {
  readonly #folder: string;
  /** With what each archive was put. */
  readonly options: ArchivePutOptions[] = [];

  constructor(folder: string) {
    this.#folder = Deno.realPathSync(folder);
  }

  async statPath(of: string, path: string): Promise<PathStat> {
    const found = await this.#lstat(of, path);
    const kind = found.isDirectory ? GO_MODE.directory : found.isSymlink ? GO_MODE.symlink : 0;
    return {
      name: lastName(path),
      size: found.size,
      mode: kind + ((found.mode ?? 0) & 0o777),
      mtime: found.mtime?.toISOString() ?? "",
      linkTarget: found.isSymlink ? this.#linkTarget(path) : "",
    };
  }

  async getArchive(of: string, path: string): Promise<{ stat: PathStat; tar: ReadableStream<Bytes> }> {
    const stat = await this.statPath(of, path);
    const name = lastName(path);
    const place = path.endsWith("/") ? Deno.realPathSync(`${this.#folder}/${path}`) : `${this.#folder}/${path}`;
    const { folder, name: real } = splitPath(place);
    const renaming = real === name ? [] : [`--transform=s,^${real}\\b,${name},`];
    const child = new Deno.Command("tar", { args: ["-C", folder, ...renaming, "-c", real], stdout: "piped" }).spawn();
    return { stat, tar: ReadableStream.from([await new Response(child.stdout).bytes().finally(() => child.status)]) };
  }

  async putArchive(
    of: string,
    path: string,
    tar: ReadableStream<Bytes>,
    options: ArchivePutOptions = {},
  ): Promise<void> {
    this.options.push(options);
    const bytes = await new Response(tar).bytes();
    await this.#lstat(of, path);
    const folder = `${this.#folder}/${path}`;
    const args = ["-C", folder, "-xp", "--no-same-owner"];
    const { code, stderr } = await output(["tar", ...args], { stdin: bytes });
    if (code !== 0) throw invalid(stderr);
  }

  async findPaths(_of: string, pattern: string): Promise<string[]> {
    const { folder, name } = splitPath(pattern);
    const expression = globExpression(name);
    const names = await Array.fromAsync(Deno.readDir(`${this.#folder}/${folder}`));
    return names.filter((entry) => expression.test(entry.name)).map((entry) => `${folder}/${entry.name}`).sort();
  }

  async #lstat(of: string, path: string): Promise<Deno.FileInfo> {
    try {
      return await Deno.lstat(`${this.#folder}/${path}`);
    } catch {
      throw notFound(`Could not find the file ${path} in container ${of}`);
    }
  }

  #linkTarget(path: string): string {
    const { folder } = splitPath(path);
    const target = Deno.readLinkSync(`${this.#folder}/${path}`);
    try {
      return Deno.realPathSync(`${this.#folder}/${path}`).slice(this.#folder.length);
    } catch {
      return `${folder}/${target}`;
    }
  }
}
