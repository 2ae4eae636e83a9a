import assert from "node:assert/strict";
import { imageNameParts } from "./image_name.ts";
import { imageCalls } from "./image_view.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const image = (RepoTags: string[], RepoDigests: string[]) => ({
  Id: digest("a"),
  ParentId: "",
  RepoTags,
  RepoDigests,
  Created: 0,
  Size: 0,
  SharedSize: -1,
  Containers: -1,
  Labels: null,
});
const shown = (tags: string[], digests: string[], show = false) =>
  imageCalls(image(tags, digests), show).map((call) => `${call.repository}:${call.tag} ${call.digest.slice(0, 8)}`);

Deno.test("an image has a row for each tag", () => {
  assert.deepEqual(shown(["a:1", "b:2"], [`a@${digest("c")}`]), ["a:1 <none>", "b:2 <none>"]);
});

Deno.test("with digests a tag has a row for each digest of its repository", () => {
  const digests = [`a@${digest("c")}`, `a@${digest("d")}`, `x@${digest("e")}`];
  assert.deepEqual(shown(["a:1"], digests, true), ["a:1 sha256:c", "a:1 sha256:d", "x:<none> sha256:e"]);
});

Deno.test("a repository known by digests only has one row", () => {
  assert.deepEqual(shown([], [`a@${digest("c")}`, `a@${digest("d")}`]), ["a:<none> "]);
});

Deno.test("an image without a name is <none>", () => {
  assert.deepEqual(shown([], []), ["<none>:<none> <none>"]);
  assert.deepEqual(shown(["<none>:<none>"], ["<none>@<none>"]), ["<none>:<none> <none>"]);
});

for (
  const [reference, name, tag, of] of [
    ["ubuntu:22.04", "ubuntu", "22.04", undefined],
    ["docker.io/library/ubuntu:22.04", "ubuntu", "22.04", undefined],
    ["docker.io/user/x", "user/x", undefined, undefined],
    ["localhost:5000/a/b", "localhost:5000/a/b", undefined, undefined],
    ["localhost:5000/a/b:v1", "localhost:5000/a/b", "v1", undefined],
    [`httpd:2@${digest("a")}`, "httpd", "2", digest("a")],
  ] as const
) {
  Deno.test(`the parts of ${reference}`, () => assert.deepEqual(imageNameParts(reference), { name, tag, digest: of }));
}
