import assert from "node:assert/strict";
import { inspectContainer } from "./inspect.ts";
import { container, IMAGES, SETTINGS } from "./report_test_support.ts";

const PARTS = { settings: SETTINGS, images: IMAGES };

Deno.test("inspectContainer() tells paths, command and layers, and has no sizes unless asked", () => {
  const shown = inspectContainer(PARTS, container({ name: "c", command: ["sh", "-c", "x"], imageId: "sha256:bb" }));
  const home = `/r/containers/${shown.Id}`;
  assert.deepEqual([shown.Path, shown.Args, shown.Name], ["sh", ["-c", "x"], "/c"]);
  assert.equal(shown.LogPath, `${home}/${shown.Id}-json.log`);
  assert.deepEqual(shown.GraphDriver.Data, {
    LowerDir: "/r/layers/2:/r/layers/1",
    UpperDir: `${home}/upper`,
    WorkDir: `${home}/work`,
  });
  assert.equal(shown.ExecIDs, null);
  assert.equal("SizeRw" in shown, false);
});

Deno.test("inspectContainer() has a log path only where there is a file to read", () => {
  for (const [logDriver, has] of [["json-file", true], ["local", false], ["none", false]] as const) {
    assert.equal(inspectContainer(PARTS, container({ name: "c", logDriver })).LogPath !== "", has);
  }
});

Deno.test("inspectContainer() of a container whose image is gone still answers", () => {
  assert.equal(
    inspectContainer(PARTS, container({ name: "c", imageId: "sha256:gone" })).GraphDriver.Data?.LowerDir,
    "",
  );
});
