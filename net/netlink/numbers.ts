/** Numbers of rtnetlink (rtnetlink(7); linux/rtnetlink.h, if_link.h, if_addr.h, if_bridge.h), as far as they are used. */

export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
} as const;

export const AF_UNSPEC = 0, AF_BRIDGE = 7;

export const IFF_UP = 1;

export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  PROTINFO: 12,
  LINKINFO: 18,
  NET_NS_PID: 19,
  GROUP: 27,
  NET_NS_FD: 28,
  EXT_MASK: 29,
  NUM_TX_QUEUES: 31,
  NUM_RX_QUEUES: 32,
  LINK_NETNSID: 37,
} as const;

/** IFLA_EXT_MASK: without the counters, which are two thirds of an entry. */
export const RTEXT_FILTER_SKIP_STATS = 8;

export const IFLA_INFO = { KIND: 1, DATA: 2 } as const;
export const VETH_INFO = { PEER: 1 } as const;
export const IFLA_MACVLAN = { MODE: 1 } as const;
export const IFLA_IPVLAN = { MODE: 1, FLAGS: 2 } as const;
export const IFLA_BRPORT = { MODE: 4, ISOLATED: 33 } as const;

export const MACVLAN_MODE = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;
export const IPVLAN_MODE = { l2: 0, l3: 1, l3s: 2 } as const;

export const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4, FLAGS: 8 } as const;
export const IFA_F_NODAD = 0x02;

export const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6, MULTIPATH: 9, TABLE: 15 } as const;
export const RT_TABLE = { UNSPEC: 0, MAIN: 254 } as const;
export const RTPROT_BOOT = 3;
export const RT_SCOPE = { UNIVERSE: 0, LINK: 253, NOWHERE: 255 } as const;
export const RTN = { UNICAST: 1, LOCAL: 2, BROADCAST: 3, ANYCAST: 4, MULTICAST: 5 } as const;

const NFNL_SUBSYS_CTNETLINK = 1;

/** Connection tracking (linux/netfilter/nfnetlink_conntrack.h). */
export const IPCTNL_MSG_CT = {
  NEW: NFNL_SUBSYS_CTNETLINK << 8,
  GET: NFNL_SUBSYS_CTNETLINK << 8 | 1,
  DELETE: NFNL_SUBSYS_CTNETLINK << 8 | 2,
} as const;
export const CTA = { TUPLE_ORIG: 1, TUPLE_REPLY: 2, ID: 12, ZONE: 18, FILTER: 25 } as const;
export const CTA_TUPLE = { IP: 1, PROTO: 2 } as const;
export const CTA_IP = { V4_SRC: 1, V4_DST: 2, V6_SRC: 3, V6_DST: 4 } as const;
export const CTA_PROTO = { NUM: 1, SRC_PORT: 2, DST_PORT: 3 } as const;
export const CTA_FILTER = { ORIG_FLAGS: 1, REPLY_FLAGS: 2 } as const;
/** Which parts of a tuple are to be compared; in no header for programs, but part of the interface all the same. */
export const CTA_FILTER_FLAG = { PROTO_NUM: 1 << 3, PROTO_DST_PORT: 1 << 5 } as const;
