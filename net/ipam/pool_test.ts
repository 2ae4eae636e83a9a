import assert from "node:assert/strict";
import { AddressPool } from "./pool.ts";

Deno.test("allocate() begins behind the gateway, goes on, and comes round", () => {
  const pool = new AddressPool("172.20.0.0/29");
  assert.equal(pool.gateway(), "172.20.0.1");
  assert.equal(pool.subnet, "172.20.0.0/29");
  const given = Array.from({ length: 5 }, () => pool.allocate());
  assert.deepEqual(given, ["172.20.0.2", "172.20.0.3", "172.20.0.4", "172.20.0.5", "172.20.0.6"]);
  pool.release("172.20.0.3");
  pool.release("172.20.0.5");
  assert.deepEqual([pool.allocate(), pool.allocate()], ["172.20.0.3", "172.20.0.5"]);
});

Deno.test("an address that has come back is the last to be given again", () => {
  const pool = new AddressPool("172.20.0.0/29");
  pool.release(pool.allocate());
  assert.deepEqual(Array.from({ length: 5 }, () => pool.allocate()).at(-1), "172.20.0.2");
});

const sizes = [
  { name: "a /24", subnet: "10.0.0.0/24", size: 253 },
  { name: "a /16", subnet: "10.0.0.0/16", size: 65533 },
  { name: "a /30", subnet: "10.0.0.0/30", size: 1 },
  { name: "a /31, where nothing is broadcast", subnet: "10.0.0.0/31", size: 1 },
  { name: "a /32, which is the gateway's", subnet: "10.0.0.1/32", size: 0 },
  { name: "a /120 of IPv6, that has no broadcast", subnet: "fd00::/120", size: 254 },
  { name: "a /64 of IPv6", subnet: "fd00::/64", size: 2 ** 64 },
  { name: "a range", subnet: "10.0.0.0/16", range: "10.0.7.0/24", size: 255 },
  {
    name: "a range with the gateway outside",
    subnet: "10.0.0.0/16",
    range: "10.0.7.0/24",
    gateway: "10.0.0.1",
    size: 256,
  },
  { name: "reserved addresses inside and outside of the range", subnet: "10.0.0.0/16", range: "10.0.7.0/24" },
].map((row) => ({ ...row, ...row.size === undefined && { reserved: ["10.0.7.9", "10.0.8.9"], size: 254 } }));
for (const { name, subnet, size, ...options } of sizes) {
  Deno.test(`${name} has ${size} addresses to give`, () => {
    const pool = new AddressPool(subnet, options);
    assert.deepEqual([pool.size, pool.free], [size, size]);
  });
}

Deno.test("a pool that is empty says whose it is, and has an address again when one comes back", () => {
  const pool = new AddressPool("10.0.0.0/29", { owner: "my-net (3f2a)" });
  for (let count = 0; count < 5; count++) pool.allocate();
  assert.equal(pool.free, 0);
  assert.throws(() => pool.allocate(), {
    class: "unavailable",
    message: "no available IPv4 addresses on this network's address pools: my-net (3f2a)",
  });
  pool.release("10.0.0.4");
  assert.equal(pool.allocate(), "10.0.0.4");
});

Deno.test("the gateway without a wish is the first address that is nobody's, of the range if there is one", () => {
  assert.equal(new AddressPool("10.0.0.0/24", { reserved: ["10.0.0.1", "10.0.0.2"] }).gateway(), "10.0.0.3");
  assert.equal(new AddressPool("10.0.0.0/16", { range: "10.0.7.0/24" }).gateway(), "10.0.7.0");
  assert.equal(new AddressPool("fd00::/64").gateway(), "fd00::1");
});

Deno.test("addresses are chosen from the range only, whatever comes back", () => {
  const pool = new AddressPool("10.0.0.0/24", { range: "10.0.0.128/30", gateway: "10.0.0.1" });
  pool.claim("10.0.0.200");
  pool.release("10.0.0.200");
  const given = Array.from({ length: 4 }, () => pool.allocate());
  assert.deepEqual(given, ["10.0.0.128", "10.0.0.129", "10.0.0.130", "10.0.0.131"]);
  assert.throws(() => pool.allocate(), { class: "unavailable" });
});

const claims = [
  {
    name: "outside of the subnet",
    ip: "10.0.1.5",
    message: /^no configured subnet or ip-range contain the IP address 10.0.1.5$/,
  },
  {
    name: "of the other version",
    ip: "fd00::5",
    message: /^no configured subnet or ip-range contain the IP address fd00::5$/,
  },
  { name: "that is none", ip: "web", message: /^invalid IPv4 address: web$/ },
  { name: "of the gateway", ip: "10.0.0.1", message: /^Address already in use$/ },
  { name: "of the network itself", ip: "10.0.0.0", message: /^Address already in use$/ },
  { name: "for broadcasts", ip: "10.0.0.255", message: /^Address already in use$/ },
  { name: "that is reserved", ip: "10.0.0.9", message: /^Address already in use$/ },
  { name: "that somebody has", ip: "10.0.0.2", message: /^Address already in use$/ },
];
for (const { name, ip, message } of claims) {
  Deno.test(`claim() refuses an address ${name}`, () => {
    const pool = new AddressPool("10.0.0.0/24", { reserved: ["10.0.0.9"] });
    pool.allocate();
    const before = pool.free;
    assert.throws(() => pool.claim(ip), { message });
    assert.equal(pool.free, before);
  });
}

Deno.test("claim() takes an address out of the range, and allocate() passes over one that is claimed", () => {
  const pool = new AddressPool("10.0.0.0/24", { range: "10.0.0.0/25" });
  pool.claim("10.0.0.200");
  pool.claim("10.0.0.2");
  assert.equal(pool.allocate(), "10.0.0.3");
  assert.throws(() => pool.claim("10.0.0.200"), { class: "forbidden" });
});

Deno.test("release() of what nobody has, twice, or of the gateway's changes nothing", () => {
  const pool = new AddressPool("10.0.0.0/29", { reserved: ["10.0.0.6"] });
  const ip = pool.allocate();
  pool.release(ip);
  for (const text of [ip, "10.0.0.1", "10.0.0.0", "10.0.0.7", "10.0.0.6", "10.0.1.2", "fd00::1", "web"]) {
    pool.release(text);
  }
  assert.equal(pool.free, 4);
  assert.equal(new Set(Array.from({ length: 4 }, () => pool.allocate())).size, 4);
});

const wrong = [
  {
    name: "a range outside",
    options: { range: "10.1.0.0/24" },
    message: /^invalid ip-range 10.1.0.0\/24: parent subnet/,
  },
  { name: "a gateway outside", options: { gateway: "10.1.0.1" }, message: /^no configured subnet .* 10.1.0.1$/ },
  {
    name: "the network's own address as gateway",
    options: { gateway: "10.0.0.0" },
    message: /^failed to allocate gateway \(10.0.0.0\): Address already in use$/,
  },
];
for (const { name, options, message } of wrong) {
  Deno.test(`a pool refuses ${name}`, () => assert.throws(() => new AddressPool("10.0.0.0/24", options), { message }));
}

/** A generator that can be started again where a test failed (mulberry32). */
function random(seed: number): (limit: number) => number {
  return (limit) => {
    seed = seed + 0x6d2b79f5 | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) % limit;
  };
}

Deno.test("253 addresses of a /24, allocated, claimed and released at random: none given twice, none lost", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const below = random(seed);
  const pool = new AddressPool("192.168.7.0/24");
  const given: string[] = [];
  const check = (ip: string) => {
    assert.match(ip, /^192\.168\.7\.\d+$/, `seed ${seed}`);
    assert.ok(!given.includes(ip) && !/\.(0|1|255)$/.test(ip), `${ip} a second time, seed ${seed}`);
    given.push(ip);
  };
  const steps = {
    allocate: () => given.length === 253 ? assert.throws(() => pool.allocate()) : check(pool.allocate()),
    release: () => given.splice(below(given.length || 1), 1).forEach((ip) => pool.release(ip)),
    claim: () => {
      const ip = `192.168.7.${below(256)}`;
      if (given.includes(ip) || /\.(0|1|255)$/.test(ip)) return assert.throws(() => pool.claim(ip));
      pool.claim(ip);
      check(ip);
    },
  };
  for (let step = 0; step < 20_000; step++) {
    // Phases that fill and phases that drain, so that every level is reached.
    const filling = Math.floor(step / 1500) % 2 === 0;
    const dice = below(10);
    if (dice === 0) steps.claim();
    else if (dice < (filling ? 7 : 3)) steps.allocate();
    else steps.release();
    assert.equal(pool.free, 253 - given.length, `seed ${seed}, step ${step}`);
  }
  given.splice(0).forEach((ip) => pool.release(ip));
  for (let count = 0; count < 253; count++) check(pool.allocate());
  assert.deepEqual([pool.free, new Set(given).size], [0, 253]);
});

Deno.test("the last free address of a full /16 is found", () => {
  const pool = new AddressPool("10.0.0.0/16");
  for (let count = 0; count < 65533; count++) pool.allocate();
  for (const ip of ["10.0.200.200", "10.0.0.255", "10.0.3.0"]) {
    pool.release(ip);
    assert.equal(pool.allocate(), ip);
  }
});
