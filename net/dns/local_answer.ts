/** What the engine itself knows: names, aliases and addresses of containers. */
import ipaddr from "ipaddr.js";
import { CLASS_IN, type Query, TYPE } from "./message.ts";
import { nameData, type ResourceRecord } from "./reply.ts";
import { addressOfReverseName } from "./reverse_name.ts";

/** The names that one container can see. It is asked anew for each query, so an answer is as new as the view. */
export interface NameView {
  /** All addresses of a name or an alias, of both versions; undefined for a name that is not ours. It is in lower case. */
  lookup(name: string): readonly string[] | undefined;
  /** The full name of an address, as `web.my-net`; undefined for one that is not ours. */
  reverse(ip: string): string | undefined;
}

/**
 * The records that answer a query; undefined if it is about a name that is not ours. A name of ours is only ours: when
 * there is no record of the type that is asked for, the answer is that there is none, and nobody else is asked.
 */
export function localAnswer(query: Query, view: NameView): readonly ResourceRecord[] | undefined {
  if (query.class !== CLASS_IN) return undefined;
  return (query.type === TYPE.PTR ? reverseAnswer(query.name, view) : undefined) ?? addressAnswer(query, view);
}

function reverseAnswer(name: string, view: NameView): ResourceRecord[] | undefined {
  const ip = addressOfReverseName(name);
  const found = ip === undefined ? undefined : view.reverse(ip);
  if (found === undefined) return undefined;
  const data = nameData(found);
  return data === undefined ? [] : [{ type: TYPE.PTR, data }];
}

function addressAnswer({ name, type }: Query, view: NameView): ResourceRecord[] | undefined {
  const addresses = view.lookup(name);
  if (addresses === undefined) return undefined;
  if (type !== TYPE.A && type !== TYPE.AAAA) return [];
  const v6 = type === TYPE.AAAA;
  const records = addresses.filter((ip) => ip.includes(":") === v6).map((ip) => ({ type, data: addressData(ip) }));
  return rotated(records);
}

function addressData(ip: string): Uint8Array {
  return Uint8Array.from(ipaddr.parse(ip).toByteArray());
}

/** Most clients take the first address: so each has its turn. */
function rotated<T>(items: T[]): T[] {
  if (items.length < 2) return items;
  const first = Math.floor(Math.random() * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
