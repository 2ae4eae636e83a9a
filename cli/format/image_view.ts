/** Images as rows of a list: `images`, `system df -v`. */
import type { ImageSummary } from "../../base/docker/image.ts";
import { shortId } from "../../base/names.ts";
import { humanDuration, humanSize } from "../../base/units.ts";
import { goTime } from "./go_time.ts";
import { imageNameParts } from "./image_name.ts";
import type { ListView, Row } from "./list_format.ts";

/** The table of `images`; `digests` adds the column of the digests. */
export function imageView(digests: boolean): ListView {
  const digest = digests ? "{{.Digest}}\t" : "";
  return {
    typeName: "image",
    headers: {
      ID: "IMAGE ID",
      Repository: "REPOSITORY",
      Tag: "TAG",
      Digest: "DIGEST",
      CreatedSince: "CREATED",
      CreatedAt: "CREATED AT",
      Size: "SIZE",
      Containers: "CONTAINERS",
      SharedSize: "SHARED SIZE",
      UniqueSize: "UNIQUE SIZE",
    },
    table: `table {{.Repository}}\t{{.Tag}}\t${digest}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
    quiet: "{{.ID}}",
    quietRaw: "image_id: {{.ID}}",
    raw: `repository: {{.Repository}}\ntag: {{.Tag}}\n${
      digests ? "digest: {{.Digest}}\n" : ""
    }image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`,
  };
}

/** How an image is called in a row: one row for each of its tags. */
export interface ImageCall {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** One for each tag (and digest, if those are shown), one for each repository that is known by digest only. */
export function imageCalls(image: ImageSummary, digests: boolean): ImageCall[] {
  const tags = image.RepoTags.filter((name) => name !== "<none>:<none>").map(imageNameParts);
  const digested = image.RepoDigests.filter((name) => name !== "<none>@<none>").map(imageNameParts);
  const calls = tags.flatMap(({ name, tag = "<none>" }) => {
    const own = digests ? digested.filter((other) => other.name === name) : [];
    return own.length === 0
      ? [{ repository: name, tag, digest: "<none>" }]
      : own.map(({ digest = "<none>" }) => ({ repository: name, tag, digest }));
  });
  const rest = digested.filter(({ name }) => !tags.some((other) => other.name === name));
  const shown = digests ? rest : rest.filter(({ name }, i) => rest.findIndex((other) => other.name === name) === i);
  for (const { name, digest = "<none>" } of shown) {
    calls.push({ repository: name, tag: "<none>", digest: digests ? digest : "" });
  }
  return calls.length > 0 ? calls : [{ repository: "<none>", tag: "<none>", digest: "<none>" }];
}

/** A row of the table. `now` is in seconds since 1970. */
export function imageRow(image: ImageSummary, call: ImageCall, truncate: boolean, now: number): Row {
  const { Containers, Created, SharedSize, Size } = image;
  const known = Size !== -1 && SharedSize !== -1;
  return {
    Containers: Containers === -1 ? "N/A" : String(Containers),
    get CreatedAt() {
      return goTime(Created); // seldom shown, and it takes a while
    },
    CreatedSince: Created > 0 ? `${humanDuration(now - Created)} ago` : "N/A",
    Digest: call.digest,
    ID: truncate ? shortId(image.Id) : image.Id,
    Repository: call.repository,
    SharedSize: SharedSize === -1 ? "N/A" : humanSize(SharedSize),
    Size: humanSize(Size, 3),
    Tag: call.tag,
    UniqueSize: known ? humanSize(Size - SharedSize) : "N/A",
  };
}
