/** The parts of an image's name as lists show them: `docker.io/library/` is left out. */
export interface ImageNameParts {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export function imageNameParts(reference: string): ImageNameParts {
  const [, name = reference, tag, digest] = /^(.+?)(?::([\w][\w.-]*))?(?:@([a-z0-9]+:[0-9a-f]+))?$/.exec(reference) ??
    [];
  return { name: name.replace(/^(?:docker\.io|index\.docker\.io)\/(?:library\/)?/, ""), tag, digest };
}
