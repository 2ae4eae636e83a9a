/** Published ports of SCTP, with the kernel's own protocol on both sides. */
import assert from "node:assert/strict";
import { Place } from "../support/network_place.ts";
import { OwnEngine } from "../support/own_engine.ts";
import { requires } from "../support/requires.ts";
import { until } from "../support/sandbox.ts";

/** One-to-one sockets, used as those of TCP are (sctp(7)). */
const made = "from socket import *; import sys; s = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP)";
const server = `${made}
s.bind(("0.0.0.0", 9000))
s.listen()
while True:
    peer, (ip, port) = s.accept()
    peer.sendall(f"{peer.recv(99).decode()}, asks {ip}".encode())
    peer.close()`;
const client = `${made}
s.settimeout(20)
s.connect((sys.argv[1], int(sys.argv[2])))
s.sendall(b"well")
print(s.recv(99).decode())`;
const holder = `${made}
s.bind(("0.0.0.0", 9100))`;

/** Python out of the machine: its root is an overlay in the VM, and so it cannot be the image `host`. */
const python = ["/usr:/usr:ro", "/usr/lib:/lib:ro", "/usr/lib64:/lib64:ro"];

Deno.test({
  name: "a published port of SCTP is reached by host and neighbour, and nobody else on the host can have it",
  ...requires({ root: true, cgroup: "any", command: ["python3", "ip", "nsenter"], module: ["sctp", "xt_sctp"] }),
  async fn() {
    await using own = await OwnEngine.open();
    using host = Place.host();
    using far = await Place.neighbour(["192.0.2.1/24"], ["192.0.2.2/24"]);
    const ask = (place: Place, ip: string, port = "9100") => place.run("python3", "-c", client, ip, port);
    const PortBindings = { "9000/sctp": [{ HostIp: "", HostPort: "9100" }] };
    await own.start("server", { Cmd: ["python3", "-c", server], HostConfig: { PortBindings, Binds: python } });
    const { NetworkSettings: { IPAddress, Ports } } = await own.engine.containers.inspect("server");
    assert.deepEqual(Ports["9000/sctp"]?.[0], { HostIp: "0.0.0.0", HostPort: "9100" });
    await until("it listens", () => ask(host, IPAddress, "9000").then(() => true, () => false), 60_000);
    assert.equal(await ask(far, "192.0.2.1"), "well, asks 192.0.2.2\n");
    for (const ip of ["192.0.2.1", "127.0.0.1"]) assert.match(await ask(host, ip), /^well, asks /);
    await assert.rejects(host.run("python3", "-c", holder), /Address already in use/);
    await own.remove("server");
    await host.run("python3", "-c", holder);
  },
});
