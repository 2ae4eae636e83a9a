/** `--explain` of networks: what is printed was done, and nothing else was. strace and iptables-save are the witnesses. */
import assert from "node:assert/strict";
import type { NetworkStep, TapeListing } from "../../base/container_engine.ts";
import { run } from "../support/command.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);
const traced = { command: ["strace", "iptables-restore"] };

/** Of linux/rtnetlink.h and nfnetlink_conntrack.h, where strace gives a number: it does not know sockets of other namespaces. */
const NAMES: Readonly<Record<string, string>> = {
  "0x10": "RTM_NEWLINK",
  "0x12": "RTM_GETLINK",
  "0x13": "RTM_SETLINK",
  "0x14": "RTM_NEWADDR",
  "0x16": "RTM_GETADDR",
  "0x18": "RTM_NEWROUTE",
  "0x1a": "RTM_GETROUTE",
  "0x101": "IPCTNL_MSG_CT_GET",
};

/**
 * The types of the messages that the engine sends while `work` goes on, in order. Only its main thread is traced, where all
 * system calls of its own are made: not the programs that it starts.
 */
async function messagesOf(
  box: Sandbox,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const pid = await box.enginePid();
  const output = `${box.folder}/strace`;
  await Deno.writeTextFile(output, "");
  const strace = new Deno.Command("strace", {
    args: [
      "-v",
      "-s",
      "4096",
      "-e",
      "trace=sendto,sendmsg",
      "-o",
      output,
      "-p",
      String(pid),
    ],
    stdin: "null",
    stderr: "null",
  }).spawn();
  try {
    await until("strace is there", async () => {
      await box.ok("version"); // it is shown as soon as the engine is traced: the answer is sent
      return (await Deno.readTextFile(output)) !== "";
    });
    await work();
  } finally {
    strace.kill("SIGTERM");
    await strace.status;
  }
  const calls = await Deno.readTextFile(output);
  return Array.from(
    calls.matchAll(/nlmsg_type=(?:NFNL_SUBSYS_CTNETLINK<<8\|)?(\w+)/g),
    ([, type = ""]) => NAMES[type] ?? type,
  );
}

/** The steps in what a command printed for programs: the last line. */
function stepsIn(stderr: string): NetworkStep[] {
  const { network }: { network: NetworkStep[] } = JSON.parse(
    stderr.trimEnd().split("\n").at(-1) ?? "",
  );
  for (const step of network) {
    assert.ok(step.text !== "" && step.reason !== "", JSON.stringify(step));
  }
  return network;
}

const textsOf = (steps: readonly NetworkStep[], kind: NetworkStep["kind"]) =>
  steps.filter((step) => step.kind === kind).map(({ text }) => text);

const typesOf = (steps: readonly NetworkStep[]) => textsOf(steps, "netlink").map((text) => text.split(" ")[0]);

/** Steps of a command that must succeed, and what strace saw. */
async function explained(
  box: Sandbox,
  ...args: string[]
): Promise<{ steps: NetworkStep[]; seen: string[] }> {
  let stderr = "";
  const seen = await messagesOf(box, async () => {
    const result = await box.sauropod(args);
    assert.equal(result.code, 0, result.stderr);
    stderr = result.stderr;
  });
  return { steps: stepsIn(stderr), seen };
}

/** Each rule that was explained is in force, by its tag, unless it was taken away. */
async function assertInForce(rules: readonly string[]): Promise<void> {
  const saved = await run(["iptables-save"]);
  for (const rule of rules) {
    const [, table = "", command = "", chain = "", rest = ""] = /^iptables -t (\w+) (-\w) (\S+)(.*)$/.exec(rule) ?? [];
    const there = saved.split(`*${table}`)[1]?.split("COMMIT")[0] ?? "";
    if (command === "-N") assert.ok(there.includes(`:${chain} `), rule);
    else {
      const [tag] = / #[0-9a-f]{16}"/.exec(rest) ?? [];
      assert.ok(
        tag !== undefined && there.includes(tag) === (command !== "-D"),
        `${rule}\n${there}`,
      );
    }
  }
}

test(
  "network create --explain shows every message that is sent, in order",
  async (box) => {
    const { steps, seen } = await explained(
      box,
      "network",
      "create",
      "--explain=json",
      "told",
    );
    assert.deepEqual(typesOf(steps), seen);
    assert.ok(seen.includes("RTM_NEWLINK"));
    const bridge = `br-${await box.ok(
      "network",
      "inspect",
      "-f",
      "{{slice .ID 0 12}}",
      "told",
    )}`;
    assert.ok(
      textsOf(steps, "netlink").some((text) => text.startsWith(`RTM_NEWLINK create bridge ${bridge} `)),
    );
    assert.ok(
      textsOf(steps, "sysctl").includes(
        `net.ipv4.conf.${bridge}.route_localnet = 1`,
      ),
    );
  },
  traced,
);

test(
  "run --explain shows messages, rules in force, ports carried and names, in order",
  async (box) => {
    const ports = ["-p", "127.0.0.1:5200:80", "-p", "5300:5353/udp"];
    const line = [
      "--network",
      "told",
      "--network-alias",
      "www",
      ...ports,
      "--explain=json",
    ];
    const { steps, seen } = await explained(
      box,
      "run",
      "-d",
      "--name",
      "web",
      ...line,
      "busybox",
      "sleep",
      "1000",
    );
    assert.deepEqual(typesOf(steps), seen);
    const rules = textsOf(steps, "firewall");
    await assertInForce(rules);
    const ip = await box.inspect(
      "web",
      "{{.NetworkSettings.Networks.told.IPAddress}}",
    );
    assert.ok(
      rules.some((rule) =>
        rule.includes("--dport 5200 ") &&
        rule.endsWith(` -j DNAT --to-destination ${ip}:80`)
      ),
    );
    const id = (await box.inspect("web", "{{.Id}}")).slice(0, 12);
    assert.deepEqual(textsOf(steps, "dns"), [
      `web, web.told -> ${ip}`,
      `www, www.told -> ${ip}`,
      `${id}, ${id}.told -> ${ip}`,
      `${ip} -> web.told`,
      "listen on 127.0.0.11:53 (UDP), 127.0.0.11:53 (TCP)",
    ]);
    const order = ["create veth", "add address", "web.told", "-j DNAT"].map((
      word,
    ) => steps.findIndex(({ text }) => text.includes(word)));
    assert.deepEqual(order, [...order].sort((a, b) => a - b));
  },
  traced,
);

test(
  "network connect --explain shows what connects a container that runs",
  async (box) => {
    await box.ok("network", "create", "more");
    const { steps, seen } = await explained(
      box,
      "network",
      "connect",
      "--explain=json",
      "more",
      "web",
    );
    assert.deepEqual(typesOf(steps), seen);
    await assertInForce(textsOf(steps, "firewall"));
    const ip = await box.inspect(
      "web",
      "{{.NetworkSettings.Networks.more.IPAddress}}",
    );
    assert.ok(
      textsOf(steps, "netlink").some((text) => text.startsWith(`RTM_NEWADDR add address ${ip}/16 to link `)),
    );
    assert.equal(textsOf(steps, "dns")[0], `web, web.more -> ${ip}`);
  },
  traced,
);

test("a container that runs tells what was done for it; an engine that has adopted it does not know", async (box) => {
  const tell = async () =>
    JSON.parse(
      (await box.sauropod(["start", "--explain=json", "web"])).stderr.split(
        "\n",
      )[0] ?? "",
    );
  const steps: NetworkStep[] = (await tell()).network;
  assert.ok(
    textsOf(steps, "dns").some((text) => text.startsWith("www, www.told -> ")),
  );
  await box.killEngine();
  const listing: TapeListing = await tell();
  assert.ok(listing.entries.length > 0);
  assert.equal(listing.network, undefined);
});

test("run --explain shows a port that the engine carries", async (box) => {
  const line = [
    "run",
    "--rm",
    "--name",
    "carried",
    "-p",
    "127.0.0.1:5201:80",
    "--publish-mode",
    "proxy",
  ];
  const { stderr } = await box.sauropod([
    ...line,
    "--explain=json",
    "busybox",
    "true",
  ]);
  const [text = ""] = textsOf(stepsIn(stderr), "proxy");
  assert.match(text, /^127\.0\.0\.1:5201\/tcp -> 172\.\d+\.\d+\.\d+:80$/);
});

test(
  "run --explain shows how names are found beside a container's own name server",
  async (box) => {
    await box.ok("network", "create", "named");
    const line = [
      "run",
      "-d",
      "--name",
      "own",
      "--network",
      "named",
      "--expose",
      "53/udp",
      "--explain=json",
    ];
    const { steps, seen } = await explained(
      box,
      ...line,
      "busybox",
      "sleep",
      "1000",
    );
    assert.deepEqual(typesOf(steps), seen);
    const texts = steps.filter(({ place }) => place === "container").map((
      { text },
    ) => text);
    const [, port] = /^listen on 127\.0\.0\.11:(\d+) \(UDP\)/m.exec(texts.join("\n")) ?? [];
    const rule =
      `iptables -t nat -A SAUROPOD-NAMES -p udp -m udp --dport 53 -j DNAT --to-destination 127.0.0.11:${port}`;
    assert.ok(texts.includes(rule), texts.join("\n"));
    await box.ok("rm", "-f", "own");
    await box.ok("network", "rm", "named");
  },
  traced,
);

test("run --rm --explain of a command that ends at once shows all for people, after the tape", async (box) => {
  const { code, stdout, stderr } = await box.sauropod([
    "run",
    "--rm",
    "--explain",
    "busybox",
    "echo",
    "ran",
  ]);
  assert.deepEqual([code, stdout], [0, "ran\n"]);
  const [tape = "", network = ""] = stderr.split(
    /^(?=# \d+ steps for the network)/m,
  );
  assert.match(tape, /execve\(/);
  const lines = network.trimEnd().split("\n").filter((line) => line !== "");
  const [, count] = /^# (\d+) steps for the network, done in this order$/.exec(
    lines[0] ?? "",
  ) ?? [];
  const steps = lines.filter((line) => !line.startsWith("#"));
  assert.equal(steps.length, Number(count));
  for (const line of steps) {
    assert.match(
      line,
      /^ *\d+ {2}(netlink|sysctl|firewall|dns|proxy) +\S.* {2}# .+$/,
    );
  }
  assert.deepEqual(
    lines.filter((line) => line.startsWith("# ")).slice(1, 4),
    [
      "# on the host",
      "# in the container's network namespace",
      "# on the host",
    ],
  );
});

test("a start without a network of its own, and commands that were not asked, tell nothing", async (box) => {
  for (
    const line of [["run", "--rm", "--network", "none", "--explain=json"], [
      "run",
      "--rm",
      "--explain=json",
    ]]
  ) {
    const { stderr } = await box.sauropod([...line, "busybox", "true"]);
    assert.equal(
      stderr.trimEnd().split("\n").length,
      line.includes("none") ? 1 : 2,
    );
  }
  assert.equal(
    (await box.sauropod(["network", "create", "untold"])).stderr,
    "",
  );
  assert.equal(
    (await box.sauropod(["network", "connect", "untold", "web"])).stderr,
    "",
  );
  await box.ok("rm", "-f", "web");
  await box.ok("network", "rm", "told", "more", "untold");
});
