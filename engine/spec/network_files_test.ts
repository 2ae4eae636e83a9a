import assert from "node:assert/strict";
import { parseResolvConf } from "../../net/dns/resolv_conf.ts";
import { hostsFile, resolvConfFile } from "./network_files.ts";

const of = {
  hostname: "box",
  domainname: "",
  extraHosts: [],
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  addresses: ["172.18.0.2"],
  links: [],
  hostGateway: "172.18.0.1",
  resolvConfOfHost: parseResolvConf("# made by hand\nnameserver 10.0.0.1\nsearch example.org\noptions ndots:2\n"),
  place: "elsewhere" as const,
  ipv6: false,
};

Deno.test("resolvConfFile() takes the host's lines, without its comments", () => {
  assert.equal(resolvConfFile(of), "nameserver 10.0.0.1\nsearch example.org\noptions ndots:2\n");
});

Deno.test("resolvConfFile() replaces what the request names; a dot takes the search list away", () => {
  const text = resolvConfFile({ ...of, dns: ["1.1.1.1", "8.8.8.8"], dnsSearch: ["."] });
  assert.equal(text, "nameserver 1.1.1.1\nnameserver 8.8.8.8\noptions ndots:2\n");
});

Deno.test("resolvConfFile() leads to the engine's own server where names are served, whatever the request says", () => {
  const text = resolvConfFile({ ...of, dns: ["1.1.1.1"], dnsSearch: ["a"], place: "named" });
  assert.equal(text, "nameserver 127.0.0.11\nsearch a\noptions ndots:2\n");
});

Deno.test("hostsFile() has the container's own names, and the host for host-gateway", () => {
  const text = hostsFile({ ...of, domainname: "example.org", extraHosts: ["up:host-gateway"] });
  assert.match(text, /^172\.18\.0\.2\tbox\.example\.org box$/m);
  assert.match(text, /^172\.18\.0\.1\tup$/m);
});

Deno.test("hostsFile() knows localhost and the extra hosts, an IPv6 address among them", () => {
  const text = hostsFile({ ...of, extraHosts: ["db:10.0.0.2", "six:fd00::1"] });
  assert.match(text, /^127\.0\.0\.1\tlocalhost$/m);
  assert.match(text, /^10\.0\.0\.2\tdb$/m);
  assert.match(text, /^fd00::1\tsix$/m);
});
