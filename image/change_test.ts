import assert from "node:assert/strict";
import { applyChanges } from "./change.ts";

Deno.test("applyChanges() lets a later variable replace an earlier one, and keeps the rest", () => {
  const config = applyChanges({ Env: ["A=0", "Z=1"], User: "u" }, [
    "env A=1",
    "ENV B long value",
    "WORKDIR /a",
    "WORKDIR b",
  ]);
  assert.deepEqual(config, { Env: ["A=1", "Z=1", "B=long value"], User: "u", WorkingDir: "/a/b" });
});

Deno.test("applyChanges() puts in the variables of the configuration and of the lines before, where Docker does", () => {
  const config = applyChanges({ Env: ["PATH=/bin", "P=80 81"] }, [
    "ENV PATH=/x:$PATH B=$B-${C:-c}",
    "LABEL path=$PATH 'raw=$PATH'",
    "EXPOSE $P",
    "VOLUME $PATH",
    'VOLUME ["/v$B"]',
    "WORKDIR /w/${B}",
    "USER \\$B",
    "CMD echo $PATH",
    "ONBUILD RUN echo $PATH",
  ]);
  assert.deepEqual(config, {
    Env: ["PATH=/x:/bin", "P=80 81", "B=-c"],
    Labels: { path: "/x:/bin", raw: "$PATH" },
    ExposedPorts: { "80/tcp": {}, "81/tcp": {} },
    Volumes: { "/x:/bin": {}, "/v-c": {} },
    WorkingDir: "/w/-c",
    User: "$B",
    Cmd: ["/bin/sh", "-c", "echo $PATH"],
    OnBuild: ["RUN echo $PATH"],
  });
});

Deno.test("applyChanges() takes the command away with its entrypoint, unless it came with a line before", () => {
  const old = { Entrypoint: ["/old"], Cmd: ["old"] };
  assert.deepEqual(applyChanges(old, ['ENTRYPOINT ["/new"]']), { Entrypoint: ["/new"] });
  assert.deepEqual(applyChanges(old, ['CMD ["x"]', 'ENTRYPOINT ["/new"]']), { Entrypoint: ["/new"], Cmd: ["x"] });
  assert.deepEqual(applyChanges(old, ['ENTRYPOINT ["/new"]', 'CMD ["x"]']), { Entrypoint: ["/new"], Cmd: ["x"] });
});

const wrong = [
  { change: "RUN x", message: "RUN is not a valid change command" },
  { change: "constructor x", message: "CONSTRUCTOR is not a valid change command" },
  { change: "CMD", message: "CMD requires at least one argument" },
  { change: "ENV A", message: "ENV must have two arguments" },
  { change: "EXPOSE 70000", message: "invalid containerPort: 70000" },
  { change: "ONBUILD ONBUILD RUN x", message: "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed" },
  { change: "HEALTHCHECK --bogus=1 CMD x", message: "unknown flag: --bogus" },
  { change: "ENV A=${B", message: "bad substitution: ${B" },
  { change: "ENV A=${B:?is needed}", message: "B: is needed" },
  { change: `LABEL a="b`, message: 'unexpected end of statement while looking for matching "' },
];
for (const { change, message } of wrong) {
  Deno.test(`applyChanges() refuses ${change}`, () => {
    assert.throws(() => applyChanges({}, [change]), { class: "invalid", message });
  });
}
