/** How wrong command lines are refused: docker's kind of message and exit code; nothing is created. */
import assert from "node:assert/strict";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

const refusals: readonly (readonly [line: string, code: number, stderr: RegExp])[] = [
  ["run --no-such-flag busybox", 125, /^unknown flag: --no-such-flag\nSee 'sauropod run --help'\.\n$/],
  ["run -Z busybox", 125, /^unknown shorthand flag: 'Z' in -Z\nSee 'sauropod run --help'\.\n$/],
  ["run -dZ busybox", 125, /^unknown shorthand flag: 'Z' in -Z\n/],
  ["run --name", 125, /^flag needs an argument: --name\n/],
  ["run -m", 125, /^flag needs an argument: 'm' in -m\n/],
  ["run -m=lots busybox", 125, /^invalid argument "lots" for "-m, --memory" flag: invalid size: 'lots'\n/],
  ["run --cpus=many busybox", 125, /^invalid argument "many" for "--cpus" flag: /],
  [
    "run --rm=perhaps busybox",
    125,
    /^invalid argument "perhaps" for "--rm" flag: .*parsing "perhaps": invalid syntax\n/,
  ],
  ["run --pids-limit=x busybox", 125, /^invalid argument "x" for "--pids-limit" flag: .*parsing "x": invalid syntax\n/],
  [
    "run -a nothing busybox",
    125,
    /^invalid argument "nothing" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR\n/,
  ],
  ["run -d -a stdout busybox", 125, /conflicting options: cannot specify both --attach and --detach/i],
  ["run --rm --restart always busybox", 125, /conflicting options: cannot specify both --restart and --rm/i],
  ["run --pid elsewhere busybox", 125, /--pid: invalid PID mode/],
  ["run --uts elsewhere busybox", 125, /--uts: invalid UTS mode/],
  ["run --memory-swappiness 101 busybox", 125, /invalid value: 101\. Valid memory swappiness range is 0-100/],
  ["run --log-driver none --log-opt max-size=1m busybox", 125, /invalid logging opts for driver none/],
  ["run --log-driver nosuch busybox", 125, /no log driver named 'nosuch' is registered/],
  ["run --log-opt nosuch=1 busybox", 125, /unknown log opt 'nosuch' for json-file log driver/],
  [
    "run --ulimit nofile=2:1 busybox",
    125,
    /^invalid argument "nofile=2:1" for "--ulimit" flag: ulimit soft limit must be less than or equal to hard limit/,
  ],
  ["run --device /no/such/device busybox", 125, /\/no\/such\/device.*no such file or directory/],
  ["run --cap-add NOSUCH busybox", 125, /invalid CapAdd: unknown capability: "CAP_NOSUCH"/],
  ["run --security-opt nosuch=1 busybox", 125, /invalid --security-opt 2?: ?"?nosuch/i],
  ["run -w relative busybox", 125, /the working directory 'relative' is invalid, it needs to be an absolute path/],
  ["run --stop-signal NOSUCH busybox", 125, /invalid signal: NOSUCH/i],
  ["run -m 1k busybox", 125, /Minimum memory limit allowed is 6MB/],
  ["run -m 64m --memory-swap 32m busybox", 125, /Minimum memoryswap limit should be larger than memory limit/],
  ["run --cpus 1000 busybox", 125, /Range of CPUs is from 0\.01 to \d+\.00, as there are only \d+ CPUs available/],
  ["run --cpuset-cpus 999 busybox", 125, /Requested CPUs are not available/],
  ["run --blkio-weight 5 busybox", 125, /Range of blkio weight is from 10 to 1000/],
  ["run --cpu-shares=-1 busybox", 125, /shares/i],
  ["run --network nosuch busybox", 125, /network nosuch not found/],
  ["run --network container:absent busybox", 125, /No such container: absent/],
  ["run --sysctl kernel.nosuch=1 busybox", 125, /sysctl .*kernel\.nosuch/],
  ["run --rm -u nosuchuser busybox", 125, /unable to find user nosuchuser/],
  ["run --entrypoint= busybox", 125, /no command specified/i],
  ["run --env-file /no/such/file busybox", 125, /\/no\/such\/file.*no such file or directory/],
  ["run --pull often busybox", 125, /invalid pull option: 'often': must be one of "always", "missing" or "never"/],
  [
    "run",
    1,
    /^"sauropod run" requires at least 1 argument\.\nSee 'sauropod run --help'\.\n\nUsage: {2}sauropod run \[OPTIONS\] IMAGE/,
  ],
  ["rename a", 1, /^"sauropod rename" requires exactly 2 arguments\.\n/],
  ["exec a", 1, /^"sauropod exec" requires at least 2 arguments\.\n/],
  ["version a", 1, /^"sauropod version" accepts no arguments\.\n/],
  ["nosuch", 1, /^sauropod: 'nosuch' is not a sauropod command\.\nSee 'sauropod --help'\n$/],
  ["container nosuch", 1, /is not a sauropod command/],
  ["info --format {{.Nothing}}", 1, /can't evaluate field Nothing/],
  ["ps --filter nosuch=1", 1, /invalid filter 'nosuch'/],
  ["ps --filter status=nosuch", 1, /invalid filter 'status=nosuch'/i],
  ["inspect absent", 1, /no such object: absent/i],
  ["logs absent", 1, /^Error response from engine: No such container: absent\n$/],
  ["logs --tail x absent", 1, /x/],
  ["stats --no-stream absent", 1, /No such container: absent/],
  ["stop absent", 1, /No such container: absent/],
  ["rmi absent", 1, /No such image: absent:latest/],
  ["tag absent x", 1, /No such image: absent:latest/],
  ["save absent", 1, /absent/],
  ["history absent", 1, /No such image: absent:latest/],
  ["load -i /no/such/file", 1, /\/no\/such\/file.*no such file or directory/],
];

for (const [line, code, stderr] of refusals) {
  test(`${line} ends with ${code}`, async (box) => {
    const result = await box.sauropod(line.split(" "));
    assert.match(result.stderr, stderr);
    assert.deepEqual([result.code, result.stdout.replace(/^\[\]\n|^CONTAINER.*\n/, "")], [code, ""]);
  });
}

test("no refused command has left a container", async (box) => {
  assert.equal(await box.ok("ps", "-a", "--format", "{{.Command}}"), "");
});

test("--help prints usage on stdout, with the flags and both forms", async (box) => {
  for (const words of [["run", "--help"], ["container", "run", "--help"], ["help", "run"]]) {
    const { code, stdout, stderr } = await box.sauropod(words);
    assert.deepEqual([code, stderr], [0, ""], words.join(" "));
    assert.match(stdout, /Usage: {2}sauropod (container )?run \[OPTIONS\] IMAGE \[COMMAND\] \[ARG\.\.\.\]/);
    assert.match(stdout, /-m, --memory bytes +Memory limit/);
  }
  const overview = await box.ok("--help");
  assert.match(overview, /^ {2}run +Create and run a new container from an image$/m);
});

test("commands have docker's two forms", async (box) => {
  assert.equal(await box.ok("container", "ls", "-aq"), await box.ok("ps", "-aq"));
  assert.equal(await box.ok("image", "ls", "-q"), await box.ok("images", "-q"));
  assert.equal(await box.ok("system", "info", "-f", "{{.ID}}"), await box.ok("info", "-f", "{{.ID}}"));
});
