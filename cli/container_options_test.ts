import assert from "node:assert/strict";
import { type ContainerFlags, containerFlags } from "./container_flags.ts";
import { containerCreate } from "./container_options.ts";
import { parseFlags } from "./flags.ts";

/** tests/integration/cli_create_request_test.ts compares every flag with the docker CLI; here is what needs none. */
function create(line: string) {
  const { values, args } = parseFlags(containerFlags, line.split(" "), false);
  return containerCreate(values as ContainerFlags, args, {
    env: (name) => name === "FROM_OUTSIDE" ? "here" : undefined,
    consoleSize: [24, 80],
  });
}

Deno.test("the image and what follows it are taken as they are", () => {
  const { Image, Cmd, Entrypoint } = create("-e A=1 busybox sh -c --rm -e");
  assert.equal(Image, "busybox");
  assert.deepEqual(Cmd, ["sh", "-c", "--rm", "-e"]);
  assert.equal(Entrypoint, null);
});

Deno.test("without -a output is attached, and stdin with -i", () => {
  const streams = ({ AttachStdin, AttachStdout, AttachStderr, OpenStdin, StdinOnce }: ReturnType<typeof create>) => [
    AttachStdin,
    AttachStdout,
    AttachStderr,
    OpenStdin,
    StdinOnce,
  ];
  assert.deepEqual(streams(create("x")), [false, true, true, false, false]);
  assert.deepEqual(streams(create("-i x")), [true, true, true, true, true]);
  assert.deepEqual(streams(create("-i -a stdout x")), [false, true, false, true, false]);
});

Deno.test("-e takes values from the caller, the last of a name wins", () => {
  assert.deepEqual(create("-e FROM_OUTSIDE -e A=1 -e UNKNOWN -e A=2 x").Env, ["FROM_OUTSIDE=here", "A=2", "UNKNOWN"]);
});

Deno.test("an empty --entrypoint takes the image's away", () => {
  assert.deepEqual(create("--entrypoint= x").Entrypoint, [""]);
});

Deno.test("limits come in the kernel's units", () => {
  const { HostConfig } = create("-m 64m --memory-swap -1 --cpus 0.5 --pids-limit 9 --device-read-bps /dev/x:1mb x");
  assert.equal(HostConfig?.Memory, 64 * 2 ** 20);
  assert.equal(HostConfig?.MemorySwap, -1);
  assert.equal(HostConfig?.NanoCpus, 500_000_000);
  assert.equal(HostConfig?.PidsLimit, 9);
  assert.deepEqual(HostConfig?.BlkioDeviceReadBps, [{ Path: "/dev/x", Rate: 2 ** 20 }]);
});

Deno.test("several networks: the first is the mode, and the flags are meant for it", () => {
  const { HostConfig, NetworkingConfig } = create(
    "--network n1 --network name=n2,alias=q,ip=10.0.0.9 --ip 10.1.0.9 --network-alias w --link db:d x",
  );
  assert.equal(HostConfig?.NetworkMode, "n1");
  assert.deepEqual(HostConfig?.Links, ["db:d"]);
  assert.deepEqual(NetworkingConfig?.EndpointsConfig, {
    n1: { IPAMConfig: { IPv4Address: "10.1.0.9" }, Aliases: ["w"], Links: ["db:d"] },
    n2: { Aliases: ["q"], IPAMConfig: { IPv4Address: "10.0.0.9" } },
  });
});

Deno.test("fields of --network may be quoted, and keep the case of their values", () => {
  const { NetworkingConfig } = create('--network NAME=Front,"alias=a",driver-opt=k=v=w x');
  assert.deepEqual(NetworkingConfig?.EndpointsConfig, { Front: { Aliases: ["a"], DriverOpts: { k: "v=w" } } });
});

Deno.test("a link on the default bridge is the container's, not the endpoint's", () => {
  const { HostConfig, NetworkingConfig } = create("--link db:d x");
  assert.deepEqual([HostConfig?.Links, NetworkingConfig?.EndpointsConfig], [["db:d"], {}]);
});

Deno.test("--publish-mode is said only when it is given", () => {
  assert.equal(create("--publish-mode proxy x").HostConfig?.PublishMode, "proxy");
  assert.equal("PublishMode" in (create("x").HostConfig ?? {}), false);
});

const refused: readonly [line: string, message: string][] = [
  ["--pid x y", "--pid: invalid PID mode"],
  ["--uts x y", "--uts: invalid UTS mode"],
  ["--userns x y", "--userns: invalid USER mode"],
  ["--cgroupns x y", "--cgroupns: invalid CGROUP mode"],
  ["--rm --restart always y", "conflicting options: cannot specify both --restart and --rm"],
  ["--restart on-failure:x y", "invalid restart policy format: maximum retry count must be an integer"],
  ["-v ::: y", "invalid spec: :::: empty section between colons"],
  ["-p 99999:1 y", "invalid hostPort: 99999"],
  ["--expose x y", 'invalid range format for --expose: x, error: strconv.ParseUint: parsing "x": invalid syntax'],
  ["--env-file /no/such y", "open /no/such: no such file or directory"],
  ["--label-file /no/such y", "open /no/such: no such file or directory"],
  ["--security-opt foo y", 'Invalid --security-opt: "foo"'],
  [
    "--security-opt seccomp=/no/such y",
    "opening seccomp profile (/no/such) failed: open /no/such: no such file or directory",
  ],
  ["--health-cmd x --no-healthcheck y", "--no-healthcheck conflicts with --health-* options"],
  ["--mac-address x y", "x is not a valid mac address"],
  ["--mac-address 0200.0000 y", "0200.0000 is not a valid mac address"],
  ["--network n1 --network n1 y", 'network "n1" is specified multiple times'],
  ["--network= y", "no name set for network"],
  ["--network alias=x y", 'invalid argument "alias=x" for "--network" flag: network name/id is not specified'],
  ["--network a=b y", 'invalid argument "a=b" for "--network" flag: invalid field key a'],
  ["--network name=n1,alias y", 'invalid argument "name=n1,alias" for "--network" flag: invalid field alias'],
  [
    "--network name=n1,driver-opt=k y",
    'invalid argument "name=n1,driver-opt=k" for "--network" flag: invalid key value pair format in driver options',
  ],
  ["--network name=n1,mac-address=x y", "x is not a valid mac address"],
  ["--network-alias a y", "network-scoped aliases are only supported for user-defined networks"],
  ["--network host --network-alias a y", "network-scoped aliases are only supported for user-defined networks"],
  ["--network n1 --network name=none,alias=a y", "network-scoped aliases are only supported for user-defined networks"],
  ...["bridge --network n1", "n1 --network host", "none --network n1", "container:x --network n1"].map((names) =>
    [
      `--network ${names} y`,
      "conflicting options: cannot attach both user-defined and non-user-defined network-modes",
    ] as [string, string]
  ),
  ...[
    ["alias=a", "--network-alias x", "--network-alias and per-network alias"],
    ["ip=1.2.3.5", "--ip 1.2.3.4", "--ip and per-network IPv4 address"],
    ["ip6=fd00::3", "--ip6 fd00::4", "--ip6 and per-network IPv6 address"],
    ["mac-address=02:00:00:00:00:03", "--mac-address 02:00:00:00:00:04", "--mac-address and per-network MAC address"],
    [
      "link-local-ip=169.254.1.3",
      "--link-local-ip 169.254.1.4",
      "--link-local-ip and per-network link-local IP addresses",
    ],
  ].map(([field, flag, both]) =>
    [`--network name=n1,${field} ${flag} y`, `conflicting options: cannot specify both ${both}`] as [string, string]
  ),
  ["--publish-mode x y", 'invalid publish mode: "x": must be one of "dnat", "proxy" or "proxy-protocol"'],
  ["--log-driver none --log-opt a=b y", "invalid logging opts for driver none"],
  ["--memory-swappiness 101 y", "invalid value: 101. Valid memory swappiness range is 0-100"],
  ["--ulimit x y", 'invalid argument "x" for "--ulimit" flag: invalid ulimit argument: x'],
  ["--sysctl x y", `invalid argument "x" for "--sysctl" flag: sysctl 'x' is not allowed`],
  ["--device-read-bps x y", 'invalid argument "x" for "--device-read-bps" flag: bad format: x'],
  ["-a foo y", 'invalid argument "foo" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR'],
  ["--link a:b:c y", 'invalid argument "a:b:c" for "--link" flag: bad format for links: a:b:c'],
  ["--add-host x y", 'invalid argument "x" for "--add-host" flag: bad format for add-host: "x"'],
  ["--dns x y", 'invalid argument "x" for "--dns" flag: IP address is not correctly formatted: x'],
  [
    "--device-cgroup-rule x y",
    `invalid argument "x" for "--device-cgroup-rule" flag: invalid device cgroup format 'x'`,
  ],
  ["--mount x y", `invalid argument "x" for "--mount" flag: invalid field 'x' must be a key=value pair`],
];

for (const [line, message] of refused) {
  Deno.test(`${line} is refused in docker's words`, () => {
    assert.throws(() => create(line), { name: "EngineError", message });
  });
}
