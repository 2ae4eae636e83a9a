/** Networks over the API: our client and docker's own command, with an engine that only pretends behind the socket. */
import assert from "node:assert/strict";
import { connect } from "../../api/client/connect.ts";
import { served } from "../../api/serve_test_support.ts";
import type { Explained } from "../../base/container_engine.ts";
import { output } from "../support/command.ts";
import { findCommand } from "../support/machine.ts";
import { requires } from "../support/requires.ts";

Deno.test("our client does with networks what the engine can do", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  const { networks } = engine;
  const config = { Name: "a", IPAM: { Config: [{ Subnet: "10.9.0.0/24" }] }, Labels: { x: "y" } };
  const { Id } = await networks.create(config);
  assert.deepEqual(api.engine.networks.created, [config]);
  await assert.rejects(networks.create({ Name: "a" }), { class: "conflict" });
  assert.equal((await networks.inspect(Id.slice(0, 12))).Name, "a");
  await networks.connect("a", "c1", { Aliases: ["db"], IPAMConfig: { IPv4Address: "10.9.0.7" } });
  assert.deepEqual(api.engine.networks.wished.get("a c1"), {
    Aliases: ["db"],
    IPAMConfig: { IPv4Address: "10.9.0.7" },
  });
  assert.deepEqual(Object.keys((await networks.inspect("a")).Containers), ["c1"]);
  const listed = await networks.list({ driver: ["bridge"], label: ["x=y"] });
  assert.deepEqual(api.engine.networks.filters, { driver: ["bridge"], label: ["x=y"] });
  assert.deepEqual(listed.map(({ Name, Containers }) => [Name, Containers]).at(-1), ["a", {}]);
  await assert.rejects(networks.remove("a"), { class: "forbidden" });
  await assert.rejects(networks.disconnect("a", "c2"), { class: "forbidden" });
  await networks.disconnect("a", "c2", { force: true });
  await networks.disconnect("a", "c1");
  await networks.remove("a");
  await assert.rejects(networks.inspect("a"), { class: "not_found", message: "network a not found" });
  await networks.create({ Name: "b" });
  assert.deepEqual(await networks.prune({ until: ["1h"] }), { NetworksDeleted: ["b"] });
  assert.deepEqual(api.engine.networks.filters, { until: ["1h"] });
  await assert.rejects(networks.inspect(""), { class: "invalid" });
});

Deno.test("how the work was done is told to those who ask, by our client or with explain=1", async () => {
  await using api = await served();
  await using engine = connect(api.socket);
  const { containers, networks } = engine;
  const texts = ({ Steps }: Explained) => Steps?.map(({ text }) => text);
  assert.deepEqual(texts(await networks.create({ Name: "a" }, { explain: true })), ["create a"]);
  assert.deepEqual(texts(await networks.connect("a", "c", {}, { explain: true })), ["connect c"]);
  assert.deepEqual(Object.keys(await networks.create({ Name: "b" })), ["Id", "Warning"]);
  assert.deepEqual(await networks.connect("b", "c"), {});
  const { Id } = await containers.create({ Image: "img" });
  assert.deepEqual(texts(await containers.start(Id, { explain: true })), ["start"]);
  const { body } = await api.request("POST", "/networks/create?explain=1", { Name: "d" });
  assert.match(body, /^\{"Id":"[\da-f]{64}","Warning":"","Steps":\[\{"kind":"netlink",/);
});

Deno.test("statuses and sentences of networks are docker's", async () => {
  await using api = await served();
  await api.request("POST", "/networks/create", { Name: "web" });
  const rows: [string, string, unknown, number, RegExp][] = [
    ["GET", "/networks/", undefined, 200, /^\[\{"Name":"bridge"/],
    ["GET", "/networks/nope", undefined, 404, /network nope not found/],
    ["GET", "/networks/web?verbose=maybe", undefined, 400, /invalid value for verbose: maybe/],
    ["POST", "/networks/create", { Name: "web", CheckDuplicate: true }, 409, /network with name web already exists/],
    ["POST", "/networks/create", undefined, 400, /got EOF while reading request body/],
    ["POST", "/networks/create", { Driver: "bridge" }, 400, /invalid network name/],
    ["POST", "/networks/create", { Name: 5 }, 400, /cannot unmarshal number into .*CreateRequest\.Name of type string/],
    ["POST", "/networks/create", { Name: "c", ConfigOnly: true }, 400, /configuration-only networks are not/],
    ["POST", "/networks/create", { Name: "c", EnableIPv4: false }, 400, /without IPv4/],
    ["POST", "/networks/web/connect", { Container: "c", EndpointConfig: null }, 200, /^$/],
    ["POST", "/networks/web/disconnect", { Container: "d" }, 403, /container d is not connected to network web/],
    ["DELETE", "/networks/bridge", undefined, 403, /bridge is a pre-defined network and cannot be removed/],
    ["DELETE", "/networks/web", undefined, 403, /has active endpoints/],
    ["POST", "/networks/web/disconnect", { Container: "c" }, 200, /^$/],
    ["DELETE", "/networks/web", undefined, 204, /^$/],
    ["POST", "/v1.24/networks/prune", undefined, 404, /page not found/],
    ["POST", "/networks/prune", undefined, 200, /^\{"NetworksDeleted":\[\]\}/],
    [
      "POST",
      "/networks/create",
      { Name: "last", IPAM: null, Options: null, Labels: null },
      201,
      /^\{"Id":"[\da-f]{64}"/,
    ],
  ];
  for (const [method, path, body, status, expected] of rows) {
    const reply = await api.request(method, path, body);
    assert.equal(reply.status, status, `${method} ${path}: ${reply.body}`);
    assert.match(reply.body, expected, `${method} ${path}`);
  }
});

/** The first on the PATH, and the distribution's, which is often years older. */
const clients = [...new Set([findCommand("docker") ?? "/usr/local/bin/docker", "/usr/bin/docker"])];

for (const client of clients) {
  const name = `${client}: network create, connect, inspect, disconnect, rm and prune go through`;
  Deno.test({
    name,
    ...requires({ path: client }, name),
    async fn() {
      await using api = await served();
      const docker = async (line: string) =>
        await output([client, ...line.split(" ")], {
          env: { DOCKER_HOST: `unix://${api.socket}` },
          timeout: 20_000,
        });
      const create = await docker(
        "network create --subnet 172.33.1.0/24 --gateway 172.33.1.1 --aux-address r=172.33.1.9 " +
          "-o com.docker.network.bridge.name=br9 --label a=b --internal web",
      );
      assert.match(create.stdout, /^[\da-f]{64}\n$/);
      const [config] = api.engine.networks.created;
      assert.deepEqual(config?.IPAM?.Config, [
        { Subnet: "172.33.1.0/24", Gateway: "172.33.1.1", AuxiliaryAddresses: { r: "172.33.1.9" } },
      ]);
      assert.deepEqual([config?.Internal, config?.Labels], [true, { a: "b" }]);
      assert.match((await docker("network ls")).stdout, /web +bridge +local\n/);
      assert.equal((await docker("network connect --ip 172.33.1.7 --alias db web c1")).code, 0);
      const wished = api.engine.networks.wished.get("web c1");
      assert.deepEqual([wished?.IPAMConfig?.IPv4Address, wished?.Aliases], ["172.33.1.7", ["db"]]);
      const shown = await docker("network inspect -f {{range.Containers}}{{.Name}}{{end}} web");
      assert.equal(shown.stdout, "c1\n");
      const busy = await docker("network rm web");
      assert.equal(busy.code, 1);
      assert.match(busy.stderr, /has active endpoints/);
      assert.equal((await docker("network disconnect web c1")).code, 0);
      assert.equal((await docker("network rm web")).stdout, "web\n");
      await docker("network create other");
      assert.equal((await docker("network prune -f")).stdout, "Deleted Networks:\nother\n\n");
    },
  });
}
