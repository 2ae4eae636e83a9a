import assert from "node:assert/strict";
import type { ContainerInspect } from "../base/docker/container.ts";
import type { ImageSummary } from "../base/docker/image.ts";
import type { NetworkInspect } from "../base/docker/network.ts";
import type { SystemInfo } from "../base/docker/system.ts";
import {
  containerInspectFor,
  createFrom,
  diskUsageFor,
  endpointFrom,
  imageSummariesFor,
  infoFor,
  networksFor,
} from "./versions.ts";

const hostOf = (host: Parameters<typeof createFrom>[0]["HostConfig"], version: number) =>
  createFrom({ HostConfig: host ?? {} }, version).config.HostConfig;

Deno.test("createFrom() takes from old clients what their version did not have", () => {
  const host = { ConsoleSize: [24, 80] as [number, number], Annotations: { a: "b" } };
  assert.deepEqual(hostOf(host, 41), {});
  assert.deepEqual(hostOf(host, 42), { ConsoleSize: [24, 80] });
  assert.deepEqual(hostOf(host, 43), host);
});

Deno.test("createFrom() makes the IPC namespace of clients before 1.40 shareable, unless they say otherwise", () => {
  assert.equal(hostOf({}, 39)?.IpcMode, "shareable");
  assert.equal(hostOf({ IpcMode: "host" }, 39)?.IpcMode, "host");
  assert.equal(hostOf({}, 40)?.IpcMode, undefined);
});

Deno.test("createFrom() makes a read-only bind of clients before 1.44 read-only without what is below it", () => {
  const mounts = { Mounts: [{ Type: "bind" as const, Source: "/a", Target: "/b", ReadOnly: true }] };
  assert.equal(hostOf(mounts, 43)?.Mounts?.[0]?.BindOptions?.ReadOnlyNonRecursive, true);
  assert.equal(hostOf(mounts, 44)?.Mounts?.[0]?.BindOptions?.ReadOnlyNonRecursive, undefined);
});

Deno.test("createFrom() moves the container's MAC address to its network and says so to new clients", () => {
  const body = { MacAddress: "02:00:00:00:00:01", HostConfig: { NetworkMode: "front" } };
  const old = createFrom(body, 43), young = createFrom(body, 44);
  for (const { config } of [old, young]) {
    assert.deepEqual(config.NetworkingConfig?.EndpointsConfig, { front: { MacAddress: "02:00:00:00:00:01" } });
    assert.ok(!("MacAddress" in config));
  }
  assert.equal(old.warnings.length, 0);
  assert.equal(young.warnings.length, 1);
});

Deno.test("createFrom() lets clients before 1.44 name one network only", () => {
  const body = { NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } };
  assert.throws(() => createFrom(body, 43), { class: "invalid" });
  assert.deepEqual(createFrom(body, 44).config.NetworkingConfig, body.NetworkingConfig);
});

Deno.test("containerInspectFor() gives the short id as an alias until 1.44, DNSNames from 1.44", () => {
  const inspect = {
    Id: "0123456789abcdef",
    Config: {},
    HostConfig: {},
    NetworkSettings: { MacAddress: "02:00:00:00:00:01", Networks: { n: { Aliases: ["web"], DNSNames: ["web", "c"] } } },
  } as unknown as ContainerInspect;
  const seen = (version: number) =>
    containerInspectFor(inspect, version) as typeof inspect & { Config: { MacAddress?: string } };
  assert.deepEqual(seen(43).NetworkSettings.Networks["n"], { Aliases: ["web", "0123456789ab"] });
  assert.equal(seen(43).Config.MacAddress, "02:00:00:00:00:01");
  assert.deepEqual(seen(44).NetworkSettings.Networks["n"]?.DNSNames, ["web", "c"]);
  assert.equal(seen(44).Config.MacAddress, undefined);
  assert.equal(seen(47), inspect);
});

Deno.test("imageSummariesFor() gives VirtualSize until 1.43 and <none> until 1.42", () => {
  const image = { Id: "x", RepoTags: [], RepoDigests: [], Size: 5 } as unknown as ImageSummary;
  assert.deepEqual(imageSummariesFor([image], 42), [
    { Id: "x", RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"], Size: 5, VirtualSize: 5 },
  ]);
  assert.deepEqual(imageSummariesFor([image], 43), [{ ...image, VirtualSize: 5 }]);
  assert.deepEqual(imageSummariesFor([image], 44), [image]);
});

Deno.test("diskUsageFor() gives the images of each version", () => {
  const usage = { LayersSize: 5, Images: [{ Id: "x", RepoTags: ["x:1"], RepoDigests: [], Size: 5 }] };
  assert.deepEqual(diskUsageFor(usage, 41), { LayersSize: 5, Images: [{ ...usage.Images[0], VirtualSize: 5 }] });
  assert.deepEqual(diskUsageFor(usage, 44), usage);
});

Deno.test("infoFor() names security options plainly to 1.24", () => {
  const info = { SecurityOptions: ["name=seccomp,profile=builtin"] } as unknown as SystemInfo;
  assert.deepEqual((infoFor(info, 24) as SystemInfo)["SecurityOptions"], ["seccomp"]);
  assert.equal(infoFor(info, 25), info);
});

Deno.test("networksFor() shows containers in the list to clients before 1.28 only", () => {
  const network = { Name: "a", Containers: { c: {} } } as unknown as NetworkInspect;
  assert.deepEqual(networksFor([network], 27), [network]);
  assert.deepEqual(networksFor([network], 28), [{ Name: "a", Containers: {} }]);
});

Deno.test("endpointFrom() gives no MAC address to clients before 1.44", () => {
  const endpoint = { Aliases: ["a"], MacAddress: "02:00:00:00:00:01" };
  assert.deepEqual(endpointFrom(endpoint, 43), { Aliases: ["a"] });
  assert.equal(endpointFrom(endpoint, 44), endpoint);
});
