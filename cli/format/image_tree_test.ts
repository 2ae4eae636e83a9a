import assert from "node:assert/strict";
import type { ImageLayer, ImageSummary } from "../../base/docker/image.ts";
import { imageTree } from "./image_tree.ts";

const layer = (digit: string, megabytes: number): ImageLayer => ({
  DiffId: `sha256:${digit.repeat(64)}`,
  Size: megabytes * 1e6,
});

const image = (RepoTags: string[], Layers: ImageLayer[], id = "f"): ImageSummary => ({
  Id: `sha256:${id.repeat(64)}`,
  ParentId: "",
  RepoTags,
  RepoDigests: [],
  Created: 0,
  Size: Layers.reduce((sum, { Size }) => sum + Size, 0),
  SharedSize: -1,
  Containers: -1,
  Labels: null,
  Layers,
});

const [base, one, two, three, small] = [
  layer("a", 74.8),
  layer("b", 12.3),
  layer("c", 40),
  layer("d", 1),
  layer("e", 4),
];

const images = [
  image(["app:1"], [base, one, two, three]),
  image(["python:3", "python:latest"], [base, one, two]),
  image([], [base, small], "9"),
  image(["debian:12"], [base]),
  image(["busybox:latest"], [small]),
  image(["busybox:again"], [small]),
  image(["host:latest"], []),
];

Deno.test("imageTree() shows each layer once, who shares it, and below it what is built on it", () => {
  assert.equal(
    imageTree(images, { truncate: true }),
    `LAYER                   SIZE     SHARED BY   TOTAL    IMAGES
├─ aaaaaaaaaaaa         74.8MB   4 images    74.8MB   debian:12
│  ├─ bbbbbbbbbbbb      12.3MB   2 images
│  │  cccccccccccc      40MB     2 images    127MB    python:3, python:latest
│  │  └─ dddddddddddd   1MB                  128MB    app:1
│  └─ eeeeeeeeeeee      4MB      3 images    78.8MB   <none> 999999999999
├─ eeeeeeeeeeee         above    3 images    4MB      busybox:latest
│                                            4MB      busybox:again
└─ (no layers)                               0B       host:latest
7 images, 5 layers: 132MB, and 417MB if each image had its own
`,
  );
});

Deno.test("imageTree() sets names in several lines where the terminal is narrow", () => {
  const names = ["registry.example.org/some/path:1", "python:3", "python:latest"];
  assert.equal(
    imageTree([image(names, [base]), image(["x:1"], [base, one])], { truncate: true, width: 75 }),
    `LAYER                SIZE     SHARED BY   TOTAL    IMAGES
└─ aaaaaaaaaaaa      74.8MB   2 images    74.8MB   registry.example.org/some/path:1,
   │                                               python:3, python:latest
   └─ bbbbbbbbbbbb   12.3MB               87.1MB   x:1
2 images, 2 layers: 87.1MB, and 162MB if each image had its own
`,
  );
});

Deno.test("imageTree() of nothing is a line", () => {
  assert.equal(
    imageTree([], { truncate: true }),
    "LAYER   SIZE   SHARED BY   TOTAL   IMAGES\n0 images, 0 layers: 0B, and 0B if each image had its own\n",
  );
});
