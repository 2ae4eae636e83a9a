import assert from "node:assert/strict";
import { notFound } from "../../base/errors.ts";
import { command } from "../commands/network_graph.ts";
import { run } from "../commands/run_test_support.ts";
import { container, containers, network, networks } from "./network_graph_test_support.ts";
import { networkGraph } from "./network_graph.ts";
import { networkGraphSvg } from "./network_graph_svg.ts";
import { networkGraphText } from "./network_graph_text.ts";

const engine = {
  networks: {
    list: () => Promise.resolve([...networks]),
    inspect: (name: string) => {
      const found = networks.find(({ Name }) => Name === name);
      return found === undefined ? Promise.reject(notFound(`network ${name} not found`)) : Promise.resolve(found);
    },
  },
  containers: { list: () => Promise.resolve([...containers]) },
};

Deno.test("network graph draws networks, containers, addresses and published ports", async () => {
  assert.equal(
    (await run(command, engine, [])).stdout,
    `the host
│
├── bridge            bridge  172.17.0.0/16  gateway 172.17.0.1
│   └── http-test     172.17.0.2        127.0.0.1:8090 → 80/tcp
│
├── empty10           macvlan  192.168.4.0/24  gateway 192.168.4.1
│       (empty)
│
├── internal-db       bridge  172.18.0.0/16  internal: no way out
│   ├── db            172.18.0.2
│   └── shop          172.18.0.3        also in my-net3
│       └── metrics                     in the network of shop
│
├── my-net3           bridge  172.33.1.0/24, fd5c:1:2:3::/64  gateway 172.33.1.1, fd5c:1:2:3::1
│   ├── job           (exited)
│   └── shop          172.33.1.100      *:53 → 53/udp
│       │             fd5c:1:2:3::100   *:80 → 8080/tcp
│       │                               *:443 → 8443/tcp
│       │                               also in internal-db
│       └── metrics                     in the network of shop
│
└── host              the host's own interfaces
    └── agent
`,
  );
});

Deno.test("network graph NETWORK draws that one", async () => {
  assert.equal(
    (await run(command, engine, ["bridge"])).stdout,
    `the host
│
└── bridge          bridge  172.17.0.0/16  gateway 172.17.0.1
    └── http-test   172.17.0.2   127.0.0.1:8090 → 80/tcp
`,
  );
  await assert.rejects(run(command, engine, ["nope"]), { message: "network nope not found" });
});

Deno.test("network graph --svg writes a document that shows the same", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sauropod-graph-" });
  try {
    assert.equal((await run(command, engine, ["--svg", `${folder}/g.svg`])).stdout, "");
    const text = await Deno.readTextFile(`${folder}/g.svg`);
    assert.equal(text, (await run(command, engine, ["--svg", "-"])).stdout);
    for (const word of ["172.33.1.100", "fd5c:1:2:3::100", "*:443 → 8443/tcp", "internal-db", "with shop", "exited"]) {
      assert.ok(text.includes(`>${word}</text>`), word);
    }
    await assert.rejects(run(command, engine, ["--svg", `${folder}/no/such`]), /cannot write .*\/no\/such/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("no name gets out of its place in the SVG", () => {
  const name = `"><script>&`;
  const graph = networkGraph([network(name, "bridge")], [container(name, name, { [name]: {} })]);
  const svg = networkGraphSvg(graph);
  assert.equal(svg.includes("<script"), false);
  assert.equal((svg.match(/&(?!#\d+;)/g) ?? []).length, 0);
});

Deno.test("the picture grows with the longest name and the number of containers", () => {
  const size = (count: number, name: string) => {
    const all = Array.from({ length: count }, (_, i) => container(`${name}${i}`, "default", { bridge: {} }));
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(
      networkGraphSvg(networkGraph([network("bridge", "bridge")], all)),
    ) ?? [];
    return { width: Number(width), height: Number(height) };
  };
  const small = size(1, "a"), tall = size(9, "a"), wide = size(1, "a".repeat(40));
  assert.ok(tall.height > small.height && tall.width === small.width);
  assert.ok(wide.width > small.width && wide.height === small.height);
});

Deno.test("without containers there is still the default bridge, and without networks the host", () => {
  const bare = [network("bridge", "bridge"), network("host", "host"), network("none", "null")];
  assert.equal(networkGraphText(networkGraph(bare, [])), "the host\n│\n└── bridge   bridge\n        (empty)\n");
  assert.equal(networkGraphText(networkGraph([], [])), "the host\n");
  assert.ok(networkGraphSvg(networkGraph([], [])).includes("no containers"));
});
