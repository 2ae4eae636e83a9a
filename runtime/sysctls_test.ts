import assert from "node:assert/strict";
import { checkSysctls, sysctlPath } from "./sysctls.ts";

const OWN = { hostNetwork: false, hostIpc: false, hostUts: false };
const HOST = { hostNetwork: true, hostIpc: true };

const paths = [
  { name: "net.ipv4.ip_forward", path: "net/ipv4/ip_forward" },
  { name: "net/ipv4/ip_forward", path: "net/ipv4/ip_forward" },
  { name: "net.ipv4.conf.eth0/100.rp_filter", path: "net/ipv4/conf/eth0.100/rp_filter" },
  { name: "net/ipv4/conf/eth0.100/rp_filter", path: "net/ipv4/conf/eth0.100/rp_filter" },
];
for (const { name, path } of paths) {
  Deno.test(`sysctlPath(${JSON.stringify(name)}) is ${path}`, () => assert.equal(sysctlPath(name), path));
}

for (
  const name of [
    "",
    "net",
    "net.",
    ".net.x",
    "/net/x",
    "net..x",
    "net.//.kernel.x",
    "net/../kernel/x",
    "net/./x",
    "net.ipv4.x\0y",
    "net.ipv4.x y",
    "net.ipv4.x\n",
    "../kernel/core_pattern",
    "net//x",
  ]
) {
  Deno.test(`sysctlPath(${JSON.stringify(name)}) is refused`, () => {
    assert.throws(() => sysctlPath(name), { class: "invalid" });
  });
}

Deno.test("checkSysctls() lets through what belongs to the container's own namespaces", () => {
  checkSysctls({
    "net.core.somaxconn": "1024",
    "net/ipv4/ip_forward": "1",
    "kernel.msgmax": "1",
    "kernel.shm_rmid_forced": "1",
    "kernel.sem": "1 2 3 4",
    "fs.mqueue.msg_max": "5",
    "kernel.domainname": "x",
  }, OWN);
});

const refused = [
  {
    name: "kernel.core_pattern",
    with: OWN,
    message: 'sysctl "kernel.core_pattern" is not in a separate kernel namespace',
  },
  {
    name: "kernel/core_pattern",
    with: OWN,
    message: 'sysctl "kernel/core_pattern" is not in a separate kernel namespace',
  },
  {
    name: "kernel.shm_next_id",
    with: OWN,
    message: 'sysctl "kernel.shm_next_id" is not in a separate kernel namespace',
  },
  {
    name: "user.max_user_namespaces",
    with: OWN,
    message: 'sysctl "user.max_user_namespaces" is not in a separate kernel namespace',
  },
  {
    name: "kernel.hostname",
    with: OWN,
    message: 'sysctl "kernel.hostname" is not allowed as it conflicts with the OCI "hostname" field',
  },
  {
    name: "kernel.domainname",
    with: HOST,
    message: 'sysctl "kernel.domainname" is not in a separate kernel namespace',
  },
  {
    name: "net.core.somaxconn",
    with: HOST,
    message: 'sysctl "net.core.somaxconn" not allowed in host network namespace',
  },
  {
    name: "fs.mqueue.msg_max",
    with: HOST,
    message: 'sysctl "fs.mqueue.msg_max" is not allowed in the hosts ipc namespace',
  },
  { name: "kernel.msgmax", with: HOST, message: 'sysctl "kernel.msgmax" is not allowed in the hosts ipc namespace' },
];
for (const { name, with: namespaces, message } of refused) {
  Deno.test(`checkSysctls() refuses: ${message}`, () => {
    assert.throws(() => checkSysctls({ [name]: "1" }, namespaces), { class: "invalid", message });
  });
}
