/** The request that our CLI makes of `create`'s flags, with the real docker CLI as witness. */
import assert from "node:assert/strict";
import { output } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const main = new URL("../../main.ts", import.meta.url).pathname;

const lines: readonly string[] = [
  "img",
  "img echo -n --rm x",
  "-ti --rm img sh",
  "-i img cat",
  "-a stdin -i img cat",
  "-a stdout img",
  "--name web -h web --domainname d.example -u 1:2 -w /srv --entrypoint /bin/sh img -c true",
  "--entrypoint= img x",
  "-e A=1 -e A=2 -e HOME -e NOT_THERE_AT_ALL --env B= img",
  "--env-file FOLDER/env -e B=2 img",
  "-l a=b -l c --label-file FOLDER/labels img",
  "--stop-signal SIGINT --stop-timeout 3 --init --read-only img",
  "--init=false --stop-timeout=-1 img",
  "--tmpfs /run --tmpfs /tmp:size=64m,mode=1777 --shm-size 32m img",
  "--device /dev/null --device /dev/zero:/dev/z --device /dev/full:r --device /dev/tty:/dev/x:rw img",
  "--device-cgroup-rule 'c 1:3 rwm' img",
  "--ulimit nofile=10 --ulimit nproc=5:9 --ulimit core=-1 img",
  "--sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=65536 img",
  "--cap-add NET_ADMIN --cap-add SYS_TIME --cap-drop ALL --privileged img",
  "--security-opt no-new-privileges --security-opt seccomp=unconfined --security-opt label=disable img",
  "--security-opt seccomp=FOLDER/seccomp.json img",
  "--security-opt systempaths=unconfined img",
  "--pid host --ipc host --uts host --cgroupns host --userns host --cgroup-parent /x img",
  "--pid container:x --ipc container:x --network container:x img",
  "--network none img",
  "--net host img",
  "-m 64m --memory-reservation 32m --memory-swap 128m --memory-swappiness 10 img",
  "-m 1.5g --memory-swap -1 --oom-kill-disable --oom-score-adj -500 img",
  "--cpus 0.5 -c 512 --cpu-period 50000 --cpu-quota 25000 --cpuset-cpus 0-1 --cpuset-mems 0 img",
  "--cpus=1.25 --pids-limit 100 --blkio-weight 300 img",
  "--pids-limit -1 --cpu-quota=-1 img",
  "--blkio-weight-device /dev/sda:200 --device-read-bps /dev/sda:1mb --device-write-bps /dev/sda:10 img",
  "--device-read-iops /dev/sda:100 --device-write-iops /dev/sda:200 img",
  "--log-driver json-file --log-opt max-size=1m --log-opt max-file=2 img",
  "--group-add 5 --group-add audio img",
  "--restart on-failure:3 img",
  "--restart always img",
  "-v /data -v /a:/b -v vol:/c:ro -v ./x:/d img",
  "--volumes-from other:ro --volume-driver local img",
  "--mount type=bind,src=/a,dst=/b,readonly --mount type=volume,source=v,target=/v,volume-nocopy img",
  "--mount type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770 --mount dst=/anon img",
  "--mount type=bind,source=/a,target=/b,bind-propagation=rslave,bind-recursive=disabled img",
  "--mount 'type=volume,src=v,dst=/v,volume-label=a=b,volume-driver=local,volume-opt=type=nfs,\"volume-opt=o=rw,x\"' img",
  "-p 80 -p 8080:80 -p 127.0.0.1:53:53/udp -p 9000-9002:9000-9002 -p 7000-7005:70 img",
  "-p '[::1]:81:81' -P --expose 1000-1001 --expose 5/udp img",
  "--add-host a:1.2.3.4 --add-host b=::1 --dns 1.1.1.1 --dns-opt ndots:2 --dns-search example.org img",
  "--health-cmd 'curl x' --health-interval 5s --health-timeout 1m30s --health-retries 3 --health-start-period 2s img",
  "--no-healthcheck img",
  "--network my --network-alias w --ip 172.20.0.5 img",
  "--network n1 --network name=n2,alias=a,alias=b,ip=1.2.3.4,ip6=fd00::1,driver-opt=k=v --mac-address 02:00:00:00:00:01 img",
  "--network name=n1,mac-address=0200.0000.0001,link-local-ip=169.254.1.1 --link a:b --link c img",
  "--link a:b --link-local-ip 169.254.1.2 --ip6 fd00::2 img",
  "--network bridge --link a:b img",
  "-p 127.0.0.1::80-82 -p 080:080/UDP -p 53/ -p 0:81 -p '[::]:90:90/sctp' -p fe80::1:91:91 img",
  "-p target=80 -p published=8080,target=81,protocol=udp,mode=host -p target=90-91,published=92-93 img",
  "--expose 80/ --expose 81-82/udp --add-host c=[::2] --add-host d:host-gateway img",
  "--annotation a=b --storage-opt size=1G --runtime runc img",
  "-itw/x -eA=1 img",
];

Deno.test({
  name: "create sends what docker sends",
  ...requires({ command: "docker" }, "create sends what docker sends"),
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "sauropod-requests-" });
    const socket = `${folder}/s.sock`;
    const requests: { query: string; body: unknown }[] = [];
    const server = Deno.serve({ path: socket, onListen: () => {} }, async (request) => {
      const url = new URL(request.url);
      if (!url.pathname.endsWith("/containers/create")) {
        return Response.json({ ApiVersion: "1.47", OSType: "linux" }, {
          headers: { "Api-Version": "1.47", OSType: "linux" },
        });
      }
      requests.push({ query: url.search, body: await request.json() });
      return Response.json({ Id: "1234", Warnings: [] }, { status: 201 });
    });
    try {
      await Deno.writeTextFile(`${folder}/env`, "# comment\nA=1\n  C=x y \nHOME\nNOT_THERE_AT_ALL\n\n");
      await Deno.writeTextFile(`${folder}/labels`, "x=1\ny\n");
      await Deno.writeTextFile(`${folder}/seccomp.json`, '{ "defaultAction": "SCMP_ACT_ALLOW" }');
      const ours = [Deno.execPath(), "run", "-A", "--quiet", "--no-check", main, "-H", `unix://${socket}`];
      const theirs = ["docker", "-H", `unix://${socket}`];
      const options = { cwd: folder, env: { DOCKER_CONFIG: folder } };
      for (const line of lines) {
        await t.step(line, async () => {
          const words = wordsOf(line.replaceAll("FOLDER", folder));
          const named = line.includes("--name");
          const [expected, actual] = await Promise.all([theirs, ours].map(async (program, index) => {
            const name = named ? "web" : `by-${index}`;
            const args = ["create", ...named ? [] : ["--name", name], ...words];
            const { code, stderr } = await output([...program, ...args], options);
            assert.equal(code, 0, stderr);
            return requests.splice(requests.findIndex(({ query }) => query.includes(name)), 1)[0]?.body;
          }));
          assert.deepEqual(said(actual), said(expected));
        });
      }
    } finally {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Docker gives these in the order of a Go map, which is any. */
const unordered = new Set(["Binds", "Env", "Ulimits"]);

/** What a request says: nulls, zeros and empty values stand for nothing in Docker's API. */
function said(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => said(item) ?? null);
    if (key.startsWith("Cap")) return items.map((name) => `CAP_${String(name).replace(/^CAP_/, "")}`).sort();
    return unordered.has(key) ? items.map((item) => JSON.stringify(item)).sort() : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, said(item, name)] as const)
    .filter(([name, item]) => !isNothing(name, item, key));
  return Object.fromEntries(entries.sort());
}

function isNothing(name: string, value: unknown, parent: string): boolean {
  if (name === "MemorySwappiness" && value === -1) return true;
  if (["ExposedPorts", "Volumes", "Labels", "Config", "Tmpfs", "Sysctls"].includes(parent)) return false;
  if (name === "MaskedPaths" || name === "ReadonlyPaths") return value === null;
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === undefined || value === 0 || value === false || value === "";
}

/** Splits a line as a shell does: blanks, and quotes of two kinds. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'([^']*)'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ""));
}
