/** A dockerd on the same host: neither engine takes, or breaks, what is the other's. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { Dockerd } from "../support/dockerd.ts";
import { busyboxRootTar } from "../support/fixtures.ts";
import { requires } from "../support/requires.ts";
import { Sandbox, until } from "../support/sandbox.ts";

const serve = ["sh", "-c", "echo hello > /tmp/index.html; httpd -f -p 80 -h /tmp"];

async function answers(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) });
    return await answer.text() === "hello\n";
  } catch {
    return false;
  }
}

Deno.test({
  name: "beside a dockerd its subnet is passed over, ports of both answer, and the end of one leaves the other's",
  ...requires({ root: true, cgroup: "any", command: ["busybox", "docker", "dockerd", "containerd", "iptables"] }),
  async fn() {
    await using dockerd = await Dockerd.start();
    assert.equal((await dockerd.docker("import", await busyboxRootTar(), "busybox")).code, 0);
    const theirs = await dockerd.docker("run", "-d", "--name", "theirs", "-p", "18201:80", "busybox", ...serve);
    assert.equal(theirs.code, 0, theirs.stderr);

    await using box = await Sandbox.open();
    await box.ok("run", "-d", "--name", "ours", "-p", "18202:80", "busybox", ...serve);
    assert.doesNotMatch(await box.inspect("ours", "{{.NetworkSettings.IPAddress}}"), /^172\.17\./);
    await until("both answer", async () => await answers(18201) && await answers(18202));

    const taken = await box.sauropod(["run", "--rm", "-p", "18201:80", "busybox", "true"]);
    assert.equal(taken.code, 125);
    assert.match(taken.stderr, /18201.*address already in use/);

    // Ours reach the world though dockerd has set the policy of FORWARD to DROP.
    assert.match(await run(["iptables", "-S", "FORWARD"]), /-P FORWARD DROP/);
    const gateway = await box.inspect("ours", "{{.NetworkSettings.Gateway}}");
    await box.ok("exec", "ours", "ping", "-c", "1", "-W", "2", gateway);

    await dockerd.docker("rm", "-f", "theirs");
    assert.equal(await answers(18202), true);
    await box.ok("rm", "-f", "ours");
    const again = await dockerd.docker("run", "-d", "--name", "theirs", "-p", "18201:80", "busybox", ...serve);
    assert.equal(again.code, 0, again.stderr);
    await until("theirs answers", () => answers(18201));
    await dockerd.docker("rm", "-f", "theirs"); // its cable would look like one of ours that was left
  },
});

Deno.test({
  name: "a network whose bridge is not there yet moves out of the way of a route that has come since",
  ...requires({ root: true, cgroup: "any", command: ["busybox", "ip"] }),
  async fn() {
    await using box = await Sandbox.open();
    await box.ok("network", "create", "ours");
    const subnetOf = (network: string) =>
      box.ok("network", "inspect", "--format", "{{(index .IPAM.Config 0).Subnet}}", network);
    const before = [await subnetOf("bridge"), await subnetOf("ours")];
    await box.ok("engine", "stop"); // the bridges go with it
    for (const [number, subnet] of before.entries()) {
      await run(["ip", "link", "add", `later${number}`, "type", "bridge"]);
      await run(["ip", "address", "add", subnet.replace(/0\/\d+$/, "1/24"), "dev", `later${number}`]);
      await run(["ip", "link", "set", `later${number}`, "up"]);
    }
    try {
      await box.ok("run", "-d", "--name", "walker", "busybox", "sleep", "1000");
      await box.ok("network", "connect", "ours", "walker");
      const after = [await subnetOf("bridge"), await subnetOf("ours")];
      assert.equal(new Set([...before, ...after]).size, 4);
      assert.equal(await box.inspect("walker", "{{.NetworkSettings.Gateway}}"), gatewayIn(after[0]));
      for (const subnet of after) await box.ok("exec", "walker", "ping", "-c", "1", "-W", "2", gatewayIn(subnet));
      await box.ok("rm", "-f", "walker");
    } finally {
      for (const number of before.keys()) await run(["ip", "link", "delete", `later${number}`]);
    }
  },
});

function gatewayIn(subnet = ""): string {
  return subnet.replace(/0\/\d+$/, "1");
}
