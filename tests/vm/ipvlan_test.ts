/** Stations behind the MAC address of the host's cable (ipvlan), in each of its modes; `ip` is the witness. */
import assert from "node:assert/strict";
import type { IpamPool } from "../../base/docker/network.ts";
import type { ShownLink } from "../integration/netlink_test_support.ts";
import { hearNothing, Place } from "../support/network_place.ts";
import { OwnEngine } from "../support/own_engine.ts";
import { requires } from "../support/requires.ts";

/** Of the subnet of the cable. */
const near: IpamPool = { Subnet: "192.0.2.0/24", Gateway: "192.0.2.2", IPRange: "192.0.2.128/25" };
/** Of one behind it: whoever is outside needs a route, for nobody answers questions for an address (ARP). */
const behind: IpamPool = { Subnet: "198.51.100.0/24" };

const create = ({ engine }: OwnEngine, pool: IpamPool, options: Record<string, string> = {}) =>
  engine.networks.create({
    Name: "cable",
    Driver: "ipvlan",
    Options: { parent: "uplink", ...options },
    IPAM: { Config: [pool] },
  });

const onCable = { HostConfig: { NetworkMode: "cable" } };

async function addressOf({ engine }: OwnEngine, name: string): Promise<string> {
  const { NetworkSettings } = await engine.containers.inspect(name);
  const { IPAddress = "", MacAddress } = NetworkSettings.Networks["cable"] ?? {};
  assert.equal(MacAddress, "", "it has none of its own");
  return IPAddress;
}

/** An interface as `ip` shows it in there. */
async function shown(place: Place, name: string): Promise<ShownLink | undefined> {
  const links: ShownLink[] = JSON.parse(await place.run("ip", "-j", "-d", "link"));
  return links.find(({ ifname }) => ifname === name);
}

Deno.test({
  name: "networks of ipvlan",
  ...requires({ root: true, cgroup: "any", command: ["busybox", "ip", "nsenter"], module: "ipvlan" }),
  async fn(t) {
    await using own = await OwnEngine.open();
    using far = await Place.neighbour(["192.0.2.1/24"], ["192.0.2.2/24"]);
    far.serve(80);
    await far.run("ip", "route", "add", behind.Subnet ?? "", "via", "192.0.2.1");
    for (const [mode, pool] of [["l2", near], ["l3", behind], ["l3s", behind]] as const) {
      await t.step(`containers reach each other and the cable's other end in mode ${mode}`, async () => {
        await create(own, pool, { ipvlan_mode: mode });
        for (const name of ["one", "two"]) await own.start(name, onCable);
        const [ip, other] = [await addressOf(own, "one"), await addressOf(own, "two")];
        using host = Place.host();
        using one = await own.place("one");
        using two = await own.place("two");
        const link = await shown(one, "eth0");
        assert.deepEqual([link?.linkinfo?.info_kind, link?.linkinfo?.info_data.mode], ["ipvlan", mode]);
        assert.equal(link?.address, (await shown(host, "uplink"))?.address);
        for (const place of [one, two]) place.serve(80);
        await one.hears({ ip: other, port: 80 }, new RegExp(`^two heard ${ip}$`));
        await two.hears({ ip, port: 80 }, new RegExp(`^one heard ${other}$`));
        await one.hears({ ip: "192.0.2.2", port: 80 }, new RegExp(`^neighbour heard ${ip}$`));
        await far.hears({ ip, port: 80 }, /^one heard 192\.0\.2\.2$/);
        await own.exec("one", "ping -c 1 -W 5 two");
        await own.remove("one", "two");
        await own.engine.networks.remove("cable");
      });
    }
    await t.step("who is disconnected is out of it, also if another engine put it in", async () => {
      await create(own, near);
      for (const name of ["stays", "goes"]) await own.start(name, onCable);
      const ip = await addressOf(own, "goes");
      await own.restart();
      await own.engine.networks.disconnect("cable", "goes");
      using goes = await own.place("goes");
      using stays = await own.place("stays");
      assert.ok(!(await goes.run("ip", "address")).includes(ip));
      for (const place of [goes, stays]) place.serve(80);
      await far.hears({ ip: await addressOf(own, "stays"), port: 80 }, /^stays heard /);
      await hearNothing([goes], [[far, { ip, port: 80 }], [stays, { ip, port: 80 }]]);
      await own.remove("stays", "goes");
      await own.engine.networks.remove("cable");
    });
    await t.step("what the driver cannot do is refused before anything is made", async () => {
      await assert.rejects(create(own, behind, { ipvlan_mode: "l4" }), {
        class: "invalid",
        message: "requested ipvlan mode 'l4' is not valid, there are l2, l3, l3s",
      });
      await create(own, behind);
      const EndpointsConfig = { cable: { MacAddress: "02:42:00:00:00:09" } };
      await assert.rejects(own.start("odd", { ...onCable, NetworkingConfig: { EndpointsConfig } }), {
        class: "invalid",
        message: "ipvlan interfaces do not support custom mac address assignment",
      });
      assert.deepEqual(await own.engine.containers.list({ all: true }), []);
    });
  },
});
