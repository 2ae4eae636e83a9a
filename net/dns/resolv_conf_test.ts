import assert from "node:assert/strict";
import {
  formatResolvConf,
  hostResolvConf,
  parseResolvConf,
  reachableResolvConf,
  servedResolvConf,
} from "./resolv_conf.ts";

Deno.test("parseResolvConf() reads what resolv.conf(5) describes", () => {
  const text = "# made by hand\n; really\nnameserver 10.0.0.1 # the first\n\tnameserver\t fd00::1\nnameserver\n" +
    "domain old.example\nsearch a.example b.example .\noptions ndots:2 rotate\noptions timeout:1\nsortlist 1.2.3.0\n";
  assert.deepEqual(parseResolvConf(text), {
    nameservers: ["10.0.0.1", "fd00::1"],
    search: ["a.example", "b.example"],
    options: ["ndots:2", "rotate", "timeout:1"],
  });
});

Deno.test("formatResolvConf() leaves out what is empty", () => {
  assert.equal(formatResolvConf({ nameservers: ["10.0.0.1"], search: [], options: [] }), "nameserver 10.0.0.1\n");
  const all = "nameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch a b\noptions ndots:0\n";
  assert.equal(formatResolvConf(parseResolvConf(all)), all);
});

const hosts: { name: string; files: Record<string, string>; nameservers: string[] }[] = [
  { name: "its servers", files: { "/etc/resolv.conf": "nameserver 10.0.0.1\n" }, nameservers: ["10.0.0.1"] },
  {
    name: "those of systemd-resolved instead of its stub",
    files: {
      "/etc/resolv.conf": "nameserver 127.0.0.53\noptions edns0\n",
      "/run/systemd/resolve/resolv.conf": "nameserver 10.0.0.7\n",
    },
    nameservers: ["10.0.0.7"],
  },
  {
    name: "the stub when there is nothing behind it",
    files: { "/etc/resolv.conf": "nameserver 127.0.0.53\n" },
    nameservers: ["127.0.0.53"],
  },
  {
    name: "the stub when it stands beside another server",
    files: {
      "/etc/resolv.conf": "nameserver 127.0.0.53\nnameserver 10.0.0.1\n",
      "/run/systemd/resolve/resolv.conf": "nameserver 10.0.0.7\n",
    },
    nameservers: ["127.0.0.53", "10.0.0.1"],
  },
  { name: "none without a file", files: {}, nameservers: [] },
];
for (const { name, files, nameservers } of hosts) {
  Deno.test(`hostResolvConf(): ${name}`, () => {
    assert.deepEqual(hostResolvConf((path) => files[path] ?? "").nameservers, nameservers);
  });
}

const reachable: { name: string; from: string[]; ipv6: boolean; nameservers: string[] }[] = [
  { name: "no loopback", from: ["127.0.0.1", "::1", "10.0.0.1"], ipv6: true, nameservers: ["10.0.0.1"] },
  { name: "IPv6 only where there is some", from: ["10.0.0.1", "fd00::1"], ipv6: false, nameservers: ["10.0.0.1"] },
  { name: "IPv6 where there is some", from: ["10.0.0.1", "fd00::1"], ipv6: true, nameservers: ["10.0.0.1", "fd00::1"] },
  { name: "no link of the host", from: ["fe80::1%eth0", "10.0.0.1"], ipv6: true, nameservers: ["10.0.0.1"] },
  { name: "public ones if none is left", from: ["127.0.0.1"], ipv6: false, nameservers: ["8.8.8.8", "8.8.4.4"] },
];
for (const { name, from, ipv6, nameservers } of reachable) {
  Deno.test(`reachableResolvConf(): ${name}`, () => {
    const host = { nameservers: from, search: ["a.example"], options: ["rotate"] };
    assert.deepEqual(reachableResolvConf(host, { ipv6 }), { ...host, nameservers });
  });
}

Deno.test("servedResolvConf() asks for a name as it is first, unless the host wants something else", () => {
  const host = { nameservers: ["10.0.0.1"], search: ["a.example"], options: ["rotate"] };
  assert.equal(
    formatResolvConf(servedResolvConf(host, "127.0.0.11")),
    "nameserver 127.0.0.11\nsearch a.example\noptions rotate ndots:0\n",
  );
  assert.deepEqual(servedResolvConf({ ...host, options: ["ndots:2"] }, "127.0.0.11").options, ["ndots:2"]);
});
