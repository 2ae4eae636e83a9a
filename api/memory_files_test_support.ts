/** Files that only pretend: a map from `NAME:PATH` to what lies there, and a list of what was put. */
import type { ArchivePutOptions, Bytes, Files } from "../base/container_engine.ts";
import type { PathStat } from "../base/docker/archive.ts";
import { notFound } from "../base/errors.ts";

export interface MemoryFile {
  readonly stat: PathStat;
  /** The tar that is got from there. */
  readonly tar: Bytes;
}

export class MemoryFiles {
  /** By `NAME:PATH`. */
  readonly there = new Map<string, MemoryFile>();
  /** What was put, in order. */
  readonly put: {
    readonly of: string;
    readonly path: string;
    readonly tar: Bytes;
    readonly options: ArchivePutOptions;
  }[] = [];

  /** The methods that look here; `find` gives the name of what is meant, or throws. */
  of(find: (of: string) => string): Files {
    const look = (of: string, path: string): MemoryFile => {
      const name = find(of);
      const file = this.there.get(`${name}:${path}`);
      if (file === undefined) throw notFound(`Could not find the file ${path} in container ${name}`);
      return file;
    };
    return {
      statPath: async (of, path) => await look(of, path).stat,
      getArchive: async (of, path) => {
        const { stat, tar } = await look(of, path);
        return { stat, tar: ReadableStream.from([tar]) };
      },
      putArchive: async (of, path, tar, options = {}) => {
        this.put.push({ of: find(of), path, tar: await new Response(tar).bytes(), options });
      },
      findPaths: async (of, pattern) => {
        const name = await find(of);
        return [...this.there.keys()].filter((key) => key === `${name}:${pattern}`).map(() => pattern);
      },
    };
  }
}
