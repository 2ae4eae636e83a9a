import assert from "node:assert/strict";
import { MS } from "../../sys/mount_flags.ts";
import { checkDriverOptions } from "./driver.ts";
import { driverMount, withAddress } from "./driver_mount.ts";

const rows = [
  {
    name: "a tmpfs with its size",
    options: { type: "tmpfs", device: "tmpfs", o: "size=100m,uid=1000,noexec" },
    mount: { source: "tmpfs", type: "tmpfs", flags: MS.NOEXEC, data: "size=100m,uid=1000" },
  },
  {
    name: "a folder of the host, read-only",
    options: { type: "none", device: "/srv", o: "rbind,ro" },
    mount: { source: "/srv", type: "none", flags: MS.BIND | MS.REC | MS.RDONLY, data: "" },
  },
  {
    name: "a share of another machine",
    options: { type: "nfs", device: ":/export", o: "addr=10.0.0.1,rw,nfsvers=4" },
    mount: { source: ":/export", type: "nfs", flags: 0, data: "addr=10.0.0.1,nfsvers=4" },
  },
];
for (const { name, options, mount } of rows) {
  Deno.test(`driverMount() tells mount(2) of ${name}`, () => assert.deepEqual(driverMount(options), mount));
}

Deno.test("checkDriverOptions() takes none, or those that make a mount", () => {
  checkDriverOptions({});
  for (const { options } of rows) checkDriverOptions(options);
  assert.throws(() => checkDriverOptions({ size: "1g" }), /invalid option: "size"/);
  assert.throws(() => checkDriverOptions({ type: "nfs" }), /missing device in volume options/);
});

Deno.test("withAddress() resolves names as the host does, and leaves addresses alone", async () => {
  assert.equal(await withAddress("clientaddr=localhost,addr=localhost"), "clientaddr=localhost,addr=127.0.0.1");
  for (const data of ["addr=10.0.0.1,ro", "addr=fe80::1", "nolock", ""]) assert.equal(await withAddress(data), data);
  await assert.rejects(withAddress("addr=no such name"), {
    class: "unavailable",
    message: "error resolving passed in network volume address",
  });
});
