/** What the allocator decides; what the kernel says to it is in tests/integration/port_allocator_test.ts. */
import assert from "node:assert/strict";
import { ERRNO } from "../../sys/errno.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
import { PortAllocator } from "./port_allocator.ts";
import type { PortLease } from "./port_lease.ts";
import type { PortWish } from "./port_wish.ts";
import { hostAddress } from "./published_port.ts";

const web: PortWish = { protocol: "tcp", containerPort: 80, hostIp: "0.0.0.0", hostPort: "" };

/** An allocator of four ports, and a host whose other processes have the `foreign` ones. */
function allocator(foreign: readonly string[] = [], errno: number = ERRNO.EADDRINUSE): PortAllocator {
  return new PortAllocator({
    range: [49000, 49003],
    ipv6: () => true,
    hold: (port) => {
      if (foreign.includes(hostAddress(port))) throw new SyscallError("bind", errno);
      return undefined;
    },
  });
}

const shown = (lease: PortLease) => lease.ports.map((port) => `${hostAddress(port)}->${port.containerPort}`);

Deno.test("a wish without an address gets one port in both families", () => {
  const lease = allocator().allocate([{ ...web, hostIp: "", hostPort: "8080" }]);
  assert.deepEqual(shown(lease), ["0.0.0.0:8080->80", "[::]:8080->80"]);
});

Deno.test("a wish without a port gets the next one of the allocator's, and what has come back rests for a round", () => {
  const ports = allocator();
  const given = Array.from({ length: 6 }, () => {
    using lease = ports.allocate([web]);
    return lease.ports[0]?.hostPort;
  });
  assert.deepEqual(given, [49000, 49001, 49002, 49003, 49000, 49001]);
  assert.equal(ports.size, 0);
});

Deno.test("a wish for a range passes over what we and others have, in any of the families", () => {
  const ports = allocator(["0.0.0.0:8000", "[::]:8002"]);
  const wish = { ...web, hostIp: "", hostPort: "8000-8003" };
  const leases = [ports.allocate([wish]), ports.allocate([wish])];
  assert.deepEqual(leases.map((lease) => lease.ports[0]?.hostPort), [8001, 8003]);
  assert.throws(() => ports.allocate([wish]), {
    class: "conflict",
    message: "all ports are allocated: 0.0.0.0:8000-8003/tcp",
  });
  leases[0]?.[Symbol.dispose]();
  assert.equal(ports.allocate([wish]).ports[0]?.hostPort, 8001);
});

Deno.test("a wish for one port comes before one that can do with another; the answer is in the order of the wishes", () => {
  const lease = allocator().allocate([
    { ...web, containerPort: 1 },
    { ...web, containerPort: 2, hostPort: "49000-49002" },
    { ...web, containerPort: 3, hostPort: "49000" },
    { ...web, containerPort: 4, hostPort: "49001" },
  ]);
  assert.deepEqual(shown(lease), ["0.0.0.0:49003->1", "0.0.0.0:49002->2", "0.0.0.0:49000->3", "0.0.0.0:49001->4"]);
});

Deno.test("all or nothing: what was held for a request that fails is free again", () => {
  const ports = allocator(["[::]:8082"]);
  const wishes = ["8080", "8081-8089", "8082"].map((hostPort) => ({ ...web, hostIp: "", hostPort }));
  assert.throws(() => ports.allocate(wishes), {
    class: "conflict",
    message: "failed to bind host port [::]:8082/tcp: address already in use",
  });
  assert.equal(ports.size, 0);
  using _lease = ports.allocate(wishes.slice(0, 2));
});

const collisions = [
  { name: "the same address", first: "127.0.0.1", second: "127.0.0.1", collide: true },
  { name: "every address and one of it", first: "0.0.0.0", second: "127.0.0.1", collide: true },
  { name: "one address and every address", first: "127.0.0.1", second: "0.0.0.0", collide: true },
  { name: "two addresses", first: "127.0.0.1", second: "127.0.0.2", collide: false },
  { name: "two families", first: "0.0.0.0", second: "::", collide: false },
  { name: "every address of IPv6 and one of it", first: "::", second: "::1", collide: true },
];
for (const { name, first, second, collide } of collisions) {
  Deno.test(`two of ours ${collide ? "cannot" : "can"} have a port at ${name}`, () => {
    const ports = allocator();
    using lease = ports.allocate([{ ...web, hostIp: first, hostPort: "8080" }]);
    const again = () => ports.allocate([{ ...web, hostIp: second, hostPort: "8080" }]);
    if (!collide) return void again()[Symbol.dispose]();
    const shown = second.includes(":") ? `[${second}]` : second;
    assert.throws(again, {
      class: "conflict",
      message: `Bind for ${shown}:8080 failed: port is already allocated`,
    });
    lease[Symbol.dispose]();
    again()[Symbol.dispose]();
  });
}

Deno.test("one number of two protocols is two ports, and one of one protocol wished for twice is refused", () => {
  const ports = allocator();
  using _lease = ports.allocate([{ ...web, hostPort: "53" }, { ...web, protocol: "udp", hostPort: "53" }]);
  assert.throws(() => ports.allocate([{ ...web, hostPort: "80" }, { ...web, containerPort: 81, hostPort: "80" }]), {
    message: "Bind for 0.0.0.0:80 failed: port is already allocated",
  });
});

Deno.test("an address that the host does not have ends the search at once", () => {
  const ports = allocator(["10.9.9.9:49000"], ERRNO.EADDRNOTAVAIL);
  assert.throws(() => ports.allocate([{ ...web, hostIp: "10.9.9.9" }]), {
    class: "unavailable",
    message: "failed to bind host port 10.9.9.9:49000/tcp: cannot assign requested address",
  });
  assert.equal(ports.size, 0);
});

Deno.test("a wish that makes no sense is refused before anything is held", () => {
  const ports = allocator(["0.0.0.0:8080"]);
  assert.throws(() => ports.allocate([{ ...web, hostPort: "8080" }, { ...web, hostPort: "x" }]), { class: "invalid" });
});

Deno.test("a lease that is disposed of twice takes nothing from who has the port then", () => {
  const ports = allocator();
  const lease = ports.allocate([{ ...web, hostPort: "8080" }]);
  lease[Symbol.dispose]();
  using _next = ports.allocate([{ ...web, hostPort: "8080" }]);
  lease[Symbol.dispose]();
  assert.throws(() => ports.allocate([{ ...web, hostPort: "8080" }]), { class: "conflict" });
});

Deno.test("adopt() keeps a port that another process has taken meanwhile, and tells of it", () => {
  const ports = allocator(["0.0.0.0:8081"]);
  const lost: string[] = [];
  const running = [8080, 8081].map((hostPort) => ({ ...web, hostPort }));
  const lease = ports.adopt(running, (port, why) => lost.push(`${port.hostPort}: ${why}`));
  assert.deepEqual(lease.ports, running);
  assert.equal(lost.length, 1);
  assert.match(lost[0] ?? "", /^8081: failed to bind host port 0\.0\.0\.0:8081\/tcp: address already in use/);
  for (const hostPort of ["8080", "8081"]) {
    assert.throws(() => ports.allocate([{ ...web, hostPort }]), /port is already allocated/);
  }
  lease[Symbol.dispose]();
  assert.equal(ports.size, 0);
});
