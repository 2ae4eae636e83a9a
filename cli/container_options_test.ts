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
