import assert from "node:assert/strict";
import type { SystemInfo, SystemVersion } from "../../base/docker/system.ts";
import { unavailable } from "../../base/errors.ts";
import { version as programVersion } from "../../base/version.ts";
import { command as info } from "./info.ts";
import { run } from "./run_test_support.ts";
import { command as df } from "./system_df.ts";
import { command as version } from "./version.ts";

const facts: SystemInfo = {
  ID: "x",
  EnginePid: 4711,
  Containers: 3,
  ContainersRunning: 1,
  ContainersPaused: 0,
  ContainersStopped: 2,
  Images: 5,
  Driver: "overlay2",
  DriverStatus: [["Backing Filesystem", "extfs"]],
  CgroupDriver: "cgroupfs",
  CgroupVersion: "2",
  KernelVersion: "6.1.0",
  OperatingSystem: "Debian",
  OSType: "linux",
  Architecture: "x86_64",
  NCPU: 2,
  MemTotal: 4123456789,
  Name: "host",
  ServerVersion: "1.2",
  DockerRootDir: "/var/lib/sauropod",
  SecurityOptions: ["name=seccomp,profile=builtin"],
  Warnings: ["WARNING: no swap limit support"],
};

Deno.test("info prints docker's lines, and warnings on stderr", async () => {
  const { stdout, stderr } = await run(info, { system: { info: () => Promise.resolve(facts) } }, []);
  assert.equal(
    stdout,
    `Client:
 Version:    ${programVersion}
 Context:    default
 Debug Mode: false

Server:
 Containers: 3
  Running: 1
  Paused: 0
  Stopped: 2
 Images: 5
 Server Version: 1.2
 Engine PID: 4711
 Storage Driver: overlay2
  Backing Filesystem: extfs
 Cgroup Driver: cgroupfs
 Cgroup Version: 2
 Security Options:
  seccomp
   Profile: builtin
 Kernel Version: 6.1.0
 Operating System: Debian
 OSType: linux
 Architecture: x86_64
 CPUs: 2
 Total Memory: 3.84GiB
 Name: host
 ID: x
 Docker Root Dir: /var/lib/sauropod
 Debug Mode: false
 Experimental: false
 Live Restore Enabled: false

`,
  );
  assert.equal(stderr, "WARNING: no swap limit support\n");
});

Deno.test("info --format gives any field, ours among them", async () => {
  const system = { info: () => Promise.resolve(facts) };
  const { stdout } = await run(info, { system }, ["--format", "{{.EnginePid}} {{.NCPU}} {{.SecurityOptions}}"]);
  assert.equal(stdout, "4711 2 [name=seccomp,profile=builtin]\n");
  await assert.rejects(run(info, { system }, ["-f", "{{.Nope}}"]), /can't evaluate field Nope in type info/);
  await assert.rejects(run(info, { system }, ["-f", "{{"]), { exitCode: 64 });
});

const details = { ApiVersion: "1.47", MinAPIVersion: "1.24", Os: "linux", Arch: "amd64" };
const engine: SystemVersion = {
  Platform: { Name: "Sauropod" },
  Components: [
    { Name: "Engine", Version: "1.2", Details: details },
    { Name: "other", Version: "2", Details: { B: "1", A: "2" } },
  ],
  Version: "1.2",
  ApiVersion: "1.47",
  MinAPIVersion: "1.24",
  GitCommit: "",
  GoVersion: "",
  Os: "linux",
  Arch: "amd64",
  KernelVersion: "6.1",
  BuildTime: "",
};

Deno.test("version prints a block for the program and one for each part of the engine", async () => {
  const { stdout } = await run(version, { system: { version: () => Promise.resolve(engine) } }, []);
  const [client = "", server] = stdout.split("\n\n");
  assert.match(client, new RegExp(`^Client: Sauropod\n Version: {11}${programVersion}\n API version: {7}1.47\n`));
  assert.equal(
    server,
    `Server: Sauropod
 Engine:
  Version:          1.2
  API version:      1.47 (minimum version 1.24)
  OS/Arch:          linux/amd64
 other:
  Version:          2
  A:                2
  B:                1
`,
  );
});

Deno.test("version --format knows docker's spelling of fields", async () => {
  const line = ["-f", "{{.Server.Version}} {{.Server.APIVersion}} {{.Client.APIVersion}} {{.Server.Os}}"];
  const { stdout } = await run(version, { system: { version: () => Promise.resolve(engine) } }, line);
  assert.equal(stdout, "1.2 1.47 1.47 linux\n");
});

Deno.test("version without an engine tells of the program and fails", async () => {
  const system = { version: () => Promise.reject(unavailable("nobody listens")) };
  const { code, stdout, stderr } = await run(version, { system }, []);
  assert.equal(code, 1);
  assert.ok(stdout.startsWith("Client: Sauropod\n") && !stdout.includes("Server:"));
  assert.equal(stderr, "nobody listens\n");
});

Deno.test("system df sums up what images, containers and volumes take, and what could be freed", async () => {
  const image = { Id: "sha256:a", RepoTags: ["a:1"], RepoDigests: [], Created: 0, Size: 1000, SharedSize: 200 };
  const container = {
    Id: "c",
    Names: ["/c"],
    Image: "a",
    ImageID: "a",
    Command: "x",
    Created: 0,
    Ports: [],
    Labels: {},
  };
  const more = { Status: "", NetworkSettings: { Networks: {} }, Mounts: [] };
  const volume = { Driver: "local", Labels: null, Options: null, Scope: "local", Mountpoint: "", CreatedAt: "" };
  const usage = {
    LayersSize: 2000,
    LayersReclaimable: 1200,
    Images: [{ ...image, Containers: 1 }, { ...image, Containers: 0 }],
    Containers: [
      { ...container, ...more, State: "running", SizeRw: 300 },
      { ...container, ...more, State: "exited", SizeRw: 100 },
    ],
    Volumes: [
      { ...volume, Name: "used", UsageData: { RefCount: 2, Size: 1000 } },
      { ...volume, Name: "free", UsageData: { RefCount: 0, Size: 300 } },
    ],
  };
  const system = { diskUsage: () => Promise.resolve(usage) };
  assert.equal(
    (await run(df, { system }, [])).stdout,
    `TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE
Images          2         1         2kB       1.2kB (60%)
Containers      2         1         400B      100B (25%)
Local Volumes   2         1         1.3kB     300B (23%)
`,
  );
  assert.match(
    (await run(df, { system }, ["-v"])).stdout,
    /^Images space usage:\n\nREPOSITORY .*\na {2}.*\n[^]*\nContainers space usage:\n[^]*\nLocal Volumes space usage:\n\nVOLUME NAME +LINKS +SIZE\nused +2 +1kB\n/,
  );
  const template = "{{range .Images}}{{.Repository}} {{.UniqueSize}};{{end}}{{range .Volumes}}{{.Name}} {{end}}";
  assert.equal((await run(df, { system }, ["-v", "--format", template])).stdout, "a 800B;a 800B;used free \n");
  const shown = JSON.parse((await run(df, { system }, ["-v", "--format", "json"])).stdout);
  assert.deepEqual(Object.keys(shown), ["Images", "Containers", "Volumes", "BuildCache"]);
  assert.equal(shown.Containers[0].Size, "300B");
});
