/** firewalld on the same host: what it does not know it rejects, so it is told which bridges are ours. */
import assert from "node:assert/strict";
import { Firewalld } from "../support/firewalld.ts";
import { Place } from "../support/network_place.ts";
import { requires } from "../support/requires.ts";
import { Sandbox, until } from "../support/sandbox.ts";

const needs = requires({
  root: true,
  cgroup: "any",
  command: ["busybox", "dbus-daemon", "firewalld", "firewall-cmd", "ip", "iptables"],
});

/** The bridge of a network. */
async function bridgeOf(box: Sandbox, network: string): Promise<string> {
  const id = await box.ok("network", "inspect", "--format", "{{.Id}}", network);
  const name = '{{index .Options "com.docker.network.bridge.name"}}';
  return await box.ok("network", "inspect", "--format", name, network) || `br-${id.slice(0, 12)}`;
}

Deno.test({
  name: "beside firewalld containers reach beyond the host and each other, also after it has reloaded",
  ...needs,
  async fn() {
    await using firewalld = await Firewalld.start();
    using neighbour = await Place.neighbour(["192.0.2.1/24"], ["192.0.2.2/24"]);
    neighbour.serve(5200);
    await using box = await Sandbox.open(firewalld.env);
    await box.ok("network", "create", "ours");
    for (const name of ["one", "two"]) {
      await box.ok("run", "-d", "--name", name, "--network", "ours", "busybox", "sleep", "1000");
    }
    using container = await Place.container(box, "one");
    await container.hears({ ip: "192.0.2.2", port: 5200 }, /192\.0\.2\.1/);
    await box.ok("exec", "one", "ping", "-c", "1", "-W", "2", "two");

    const bridge = await bridgeOf(box, "ours");
    assert.equal(await firewalld.zoneOf(bridge), "trusted");
    await firewalld.command("--reload");
    await until("firewalld has been told again", async () => await firewalld.zoneOf(bridge) === "trusted");
    await container.hears({ ip: "192.0.2.2", port: 5200 }, /192\.0\.2\.1/);

    await box.ok("rm", "-f", "one", "two");
    await box.ok("network", "rm", "ours");
    await until("the bridge has left the zone", async () => await firewalld.zoneOf(bridge) === "");
  },
});

Deno.test({
  name: "a bridge that an administrator has put into a zone of firewalld stays there",
  ...needs,
  async fn() {
    await using firewalld = await Firewalld.start();
    await using box = await Sandbox.open(firewalld.env);
    await box.ok("network", "create", "-o", "com.docker.network.bridge.name=theirs", "ours");
    await firewalld.command("--zone=drop", "--add-interface=theirs");
    await box.ok("run", "--rm", "--network", "ours", "busybox", "true");
    assert.equal(await firewalld.zoneOf("theirs"), "drop");
  },
});
