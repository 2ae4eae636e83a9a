import assert from "node:assert/strict";
import { Fd } from "../../sys/fd.ts";
import { addAddress } from "./address.ts";
import { explainRequest } from "./explain.ts";
import { listFlows } from "./flow.ts";
import { deleteLink, findLink, isolatePort, listLinks, raiseLink } from "./link.ts";
import { createBridge, createIpvlan, createVeth } from "./new_link.ts";
import { addRoute, listRoutes } from "./route.ts";

const namespace = new Fd(9);
const CREATE = "(NLM_F_EXCL|NLM_F_CREATE)";

const LINES = [
  {
    request: createBridge({ name: "br-1", mtu: 1500 }),
    line: `RTM_NEWLINK create bridge br-1 ${CREATE}: ` +
      "IFLA_MTU=1500 IFLA_IFNAME=br-1 IFLA_LINKINFO={IFLA_INFO_KIND=bridge}",
  },
  {
    request: createVeth({ name: "veth1", bridge: 5, peer: { name: "eth0", namespace, mac: "02:42:ac:11:00:02" } }),
    line: `RTM_NEWLINK create veth veth1 on bridge 5 ${CREATE}: ifi_flags=IFF_UP IFLA_NUM_TX_QUEUES=1 ` +
      "IFLA_NUM_RX_QUEUES=1 IFLA_MASTER=5 IFLA_IFNAME=veth1 IFLA_LINKINFO={IFLA_INFO_KIND=veth IFLA_INFO_DATA={" +
      "VETH_INFO_PEER={IFLA_ADDRESS=02:42:ac:11:00:02 IFLA_NUM_TX_QUEUES=1 IFLA_NUM_RX_QUEUES=1 IFLA_NET_NS_FD=9 " +
      "IFLA_IFNAME=eth0}}}",
  },
  {
    request: createIpvlan({ name: "iv", parent: 2, mode: "l3s", namespace }),
    line:
      `RTM_NEWLINK create ipvlan iv on link 2 ${CREATE}: IFLA_NET_NS_FD=9 IFLA_LINK=2 IFLA_IFNAME=iv IFLA_LINKINFO={` +
      "IFLA_INFO_KIND=ipvlan IFLA_INFO_DATA={IFLA_IPVLAN_MODE=l3s IFLA_IPVLAN_FLAGS=0}}",
  },
  {
    request: addAddress(3, "fd00::1/64", { noDad: true }),
    line: `RTM_NEWADDR add address fd00::1/64 to link 3 ${CREATE}: family=AF_INET6 ifa_index=3 ifa_prefixlen=64 ` +
      "ifa_flags=IFA_F_NODAD IFA_LOCAL=fd00::1 IFA_ADDRESS=fd00::1",
  },
  {
    request: addRoute({ to: "default", via: "172.17.0.1" }),
    line: `RTM_NEWROUTE add route default via 172.17.0.1 ${CREATE}: family=AF_INET rtm_dst_len=0 ` +
      "rtm_table=RT_TABLE_MAIN rtm_protocol=RTPROT_BOOT rtm_scope=RT_SCOPE_UNIVERSE rtm_type=RTN_UNICAST " +
      "RTA_GATEWAY=172.17.0.1",
  },
  { request: raiseLink(7), line: "RTM_NEWLINK set up link 7: ifi_index=7 ifi_flags=IFF_UP" },
  {
    request: isolatePort(7, true),
    line: "RTM_SETLINK isolate port 7 of a bridge: family=AF_BRIDGE ifi_index=7 IFLA_PROTINFO={IFLA_BRPORT_ISOLATED=1}",
  },
  { request: deleteLink(7), line: "RTM_DELLINK delete link 7: ifi_index=7" },
  { request: findLink("eth0"), line: "RTM_GETLINK find link eth0: IFLA_EXT_MASK=8 IFLA_IFNAME=eth0" },
  { request: listLinks(), line: "RTM_GETLINK list links (NLM_F_DUMP): IFLA_EXT_MASK=8" },
  { request: listRoutes(), line: "RTM_GETROUTE list routes (NLM_F_DUMP)" },
  {
    request: listFlows({ family: 2, protocol: "udp", targetPort: 53 }),
    line: "IPCTNL_MSG_CT_GET list flows of udp (NLM_F_DUMP): family=AF_INET CTA_TUPLE_ORIG={CTA_TUPLE_PROTO={" +
      "CTA_PROTO_NUM=17 CTA_PROTO_DST_PORT=53}} CTA_FILTER={CTA_FILTER_ORIG_FLAGS=40 CTA_FILTER_REPLY_FLAGS=0}",
  },
];

for (const { request, line } of LINES) {
  Deno.test(`explainRequest() tells all of "${request.verb} ${request.object}"`, () => {
    assert.equal(explainRequest(request), line);
  });
}

Deno.test("explainRequest() shows an attribute that it does not know in hex", () => {
  const request = { ...deleteLink(7), attributes: [{ type: 99, value: Uint8Array.of(1, 255) }] };
  assert.equal(explainRequest(request), "RTM_DELLINK delete link 7: ifi_index=7 attribute 99=0x01ff");
});
