import assert from "node:assert/strict";
import type { ContainerConfig } from "../../base/docker/container.ts";
import { committedConfig, type CommitWish } from "./committed_config.ts";
import { mergeConfig } from "./merge_config.ts";

const base = {
  Env: ["PATH=/bin"],
  Cmd: ["serve"],
  Healthcheck: { Test: ["CMD", "true"], Retries: 3 },
  OnBuild: ["RUN make"],
  Shell: ["/bin/ash"],
  Labels: { from: "base" },
};
const container: ContainerConfig = mergeConfig(
  { Image: "base", Tty: true, Env: ["A=1"], Cmd: ["sh", "-c", "x"], Labels: { own: "1" }, Hostname: "box" },
  base,
  "c".repeat(64),
);
const common = { Healthcheck: base.Healthcheck, Labels: { from: "base", own: "1" } };

const cases: readonly { name: string; wish: CommitWish; gives: object }[] = [
  {
    name: "what the container has, without what only a container can have, and without the base's triggers",
    wish: {},
    gives: { ...common, Env: ["A=1", "PATH=/bin"], Cmd: ["sh", "-c", "x"] },
  },
  {
    name: "changes, which see the container's variables",
    wish: { changes: ["ENV PATH=/x:$PATH", "USER me", "LABEL own=2", "ONBUILD RUN y", 'ENTRYPOINT ["/e"]'] },
    gives: {
      ...common,
      Env: ["A=1", "PATH=/x:/bin"],
      User: "me",
      Labels: { from: "base", own: "2" },
      OnBuild: ["RUN y"],
      Entrypoint: ["/e"],
    },
  },
  {
    name: "the configuration that is given, completed from the container's",
    wish: { config: { Env: ["B=2"], Cmd: ["other"], WorkingDir: "/w", Healthcheck: { Test: ["NONE"] } } },
    gives: {
      ...common,
      Env: ["B=2", "A=1", "PATH=/bin"],
      Cmd: ["other"],
      WorkingDir: "/w",
      Healthcheck: { Test: ["NONE"], Retries: 3 },
    },
  },
  {
    name: "an entrypoint that is given alone: the container's command is not for it",
    wish: { config: { Entrypoint: ["/e"] } },
    gives: { ...common, Env: ["A=1", "PATH=/bin"], Entrypoint: ["/e"] },
  },
];
for (const { name, wish, gives } of cases) {
  Deno.test(`committedConfig() gives ${name}`, () => {
    assert.deepEqual(committedConfig(container, base, wish), gives);
  });
}

Deno.test("committedConfig() refuses what is no instruction", () => {
  assert.throws(() => committedConfig(container, base, { changes: ["RUN x"] }), { class: "invalid" });
});
