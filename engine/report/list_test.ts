import assert from "node:assert/strict";
import type { Filters } from "../../base/container_engine.ts";
import { matchesPruneFilters } from "./filters.ts";
import { listContainers } from "./list.ts";
import { container, CREATED, EXITED, listParts, RUNNING } from "./report_test_support.ts";

const created = (hour: number) => `2026-01-02T0${hour}:00:00.000000000Z`;
const volume = {
  Type: "volume",
  Name: "data",
  Source: "/v",
  Destination: "/data",
  Mode: "",
  RW: true,
  Propagation: "",
};

const PARTS = listParts(
  container({
    name: "web",
    created: created(1),
    labels: { team: "a", tier: "x" },
    ports: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }], "53/udp": null },
  }),
  container({ name: "db", created: created(3), state: EXITED, image: "child", imageId: "sha256:bb", mounts: [volume] }),
  container({
    name: "job",
    created: created(2),
    state: CREATED,
    image: "other",
    imageId: "sha256:cc",
    labels: { team: "b" },
  }),
  container({
    name: "web-2",
    created: created(4),
    state: { ...RUNNING, paused: true } as typeof RUNNING,
    image: "busybox",
    imageId: "sha256:old",
  }),
);

const names = (options: Parameters<typeof listContainers>[1]) =>
  listContainers(PARTS, options).map(({ Names }) => Names.join().slice(1)).join(" ");

Deno.test("listContainers() gives those that run, the youngest first; all of them or the last few when asked", () => {
  assert.equal(names({}), "web-2 web");
  assert.equal(names({ all: true }), "web-2 db job web");
  assert.equal(names({ limit: 3 }), "web-2 db job");
  assert.equal(names({ limit: -1 }), "web-2 web");
});

Deno.test("listContainers() makes Docker's rows", () => {
  const [paused, running] = listContainers(PARTS);
  assert.equal(paused?.Image, "sha256:old"); // the name has gone to another image
  assert.equal(paused?.State, "paused");
  assert.deepEqual(running?.Ports, [
    { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
    { PrivatePort: 53, Type: "udp" },
  ]);
  assert.equal(running?.Created, Date.parse(created(1)) / 1000);
  assert.deepEqual(running?.HostConfig, { NetworkMode: "none" });
  const [row] = listContainers(listParts(container({ name: "c", command: ["sh", "-c", "echo hi", "x"] })));
  assert.equal(row?.Command, "sh -c 'echo hi' x");
  assert.equal(row?.Image, "busybox");
});

Deno.test("listContainers() filters as ps -f does", () => {
  const rows: [Filters, string][] = [
    [{ name: ["web"] }, "web-2 web"],
    [{ name: ["^/?web$"] }, "web"],
    [{ name: ["^/web$", "job"] }, "job web"],
    [{ name: ["["] }, ""],
    [{ id: ["7765"] }, "web-2 web"],
    [{ label: ["team"] }, "job web"],
    [{ label: ["team=a", "tier"] }, "web"],
    [{ status: ["exited", "paused"] }, "web-2 db"],
    [{ exited: ["3", "4"] }, "db"],
    [{ exited: ["0"] }, ""],
    [{ ancestor: ["busybox"] }, "db web"],
    [{ ancestor: ["child", "other"] }, "db job"],
    [{ ancestor: ["absent"] }, ""],
    [{ before: ["db"] }, "job web"],
    [{ since: ["job"] }, "web-2 db"],
    [{ network: ["none"] }, "web-2 db job web"],
    [{ network: ["bridge"] }, ""],
    [{ volume: ["data"] }, "db"],
    [{ volume: ["/data"] }, "db"],
    [{ publish: ["8080"] }, "web"],
    [{ expose: ["53/udp"] }, "web"],
    [{ expose: ["70-90"] }, "web"],
    [{ "is-task": ["true"] }, ""],
    [{ health: ["none"], name: ["db"] }, "db"],
    [{ name: [] }, "web-2 db job web"],
  ];
  for (const [filters, expected] of rows) {
    assert.equal(names({ all: true, filters }), expected, JSON.stringify(filters));
  }
  assert.equal(names({ filters: { status: ["created"] } }), "job"); // without all
});

Deno.test("listContainers() refuses filters in Docker's words", () => {
  const rows: [Filters, string, string][] = [
    [{ foo: ["x"] }, "invalid filter 'foo'", "invalid"],
    [{ toString: ["x"] } as unknown as Filters, "invalid filter 'toString'", "invalid"],
    [{ status: ["gone"] }, "invalid filter 'status=gone'", "invalid"],
    [{ exited: ["x"] }, "invalid filter 'exited=x'", "invalid"],
    [{ health: ["x"] }, "invalid filter 'health=x'", "invalid"],
    [{ publish: ["90-80"] }, "invalid filter 'publish=90-80'", "invalid"],
    [{ "is-task": ["maybe"] }, "invalid filter 'is-task=maybe'", "invalid"],
    [{ before: ["absent"] }, "No such container: absent", "not_found"],
  ];
  for (const [filters, message, kind] of rows) assert.throws(() => names({ filters }), { message, class: kind });
});

Deno.test("matchesPruneFilters() knows label, label! and until", () => {
  const { record } = container({ name: "c", labels: { keep: "1" }, created: created(1) });
  const rows: [Filters, boolean][] = [
    [{}, true],
    [{ label: ["keep"] }, true],
    [{ label: ["keep=2"] }, false],
    [{ "label!": ["keep"] }, false],
    [{ "label!": ["other"] }, true],
    [{ until: ["2026-01-02T00:30:00Z"] }, false],
    [{ until: ["2026-01-02T01:30:00Z"] }, true],
    [{ until: ["1ns"] }, true],
  ];
  for (const [filters, expected] of rows) assert.equal(matchesPruneFilters(record, filters), expected);
  assert.throws(() => matchesPruneFilters(record, { name: ["x"] }), { message: "invalid filter 'name'" });
});

Deno.test("listContainers() of a hundred containers asks for an image once", () => {
  const parts = listParts(...Array.from({ length: 100 }, (_, i) => container({ name: `c${i}` })));
  let asked = 0;
  const images = { resolve: (name: string) => (asked++, parts.images.resolve(name)) };
  assert.equal(listContainers({ ...parts, images }).length, 100);
  assert.equal(asked, 1);
});
