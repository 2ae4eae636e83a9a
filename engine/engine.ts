/** The engine: opens what it works with, takes over what the one before left, and offers the one interface. */
import type {
  ContainerEngine,
  Containers,
  Execs,
  Images,
  Networks,
  System,
  Volumes,
} from "../base/container_engine.ts";
import { describeError } from "../base/errors.ts";
import { resolveSettings, type Settings } from "../base/settings.ts";
import { openCgroups } from "../cgroup/manager.ts";
import { sweep } from "../fs/sweep.ts";
import { IMAGE_SCHEMA } from "../image/schema.ts";
import { ImageStore } from "../image/store.ts";
import { Reactor } from "../runtime/reactor.ts";
import { EngineContainers } from "./containers.ts";
import { adoptContainer, publishAdopted } from "./containers/adopt.ts";
import { Container } from "./containers/container.ts";
import { containerEnded } from "./containers/ended.ts";
import { containerFolders } from "./containers/folders.ts";
import type { ContainerRecord } from "./container_record.ts";
import { ContainerRegistry } from "./container_registry.ts";
import { ContainerTable } from "./container_table.ts";
import { openDatabase } from "./database.ts";
import { EventLog } from "./events.ts";
import { EngineExecs } from "./execs.ts";
import { adoptExecs } from "./execs/adopt.ts";
import { lockFolder } from "./lock_folder.ts";
import { EngineNetworks } from "./networks.ts";
import { HostStack } from "./networks/host_stack.ts";
import { NetworkRegistry } from "./networks/network_registry.ts";
import { NETWORK_SCHEMA, NetworkTable } from "./networks/network_table.ts";
import { rulesInForce } from "./networks/firewall_rules.ts";
import { makePredefined } from "./networks/predefined.ts";
import { dissolveIdleNetworks, hasBridges } from "./networks/realize.ts";
import type { Parts } from "./parts.ts";
import { Reserve } from "./reserve.ts";
import { EngineSystem } from "./system.ts";
import { EngineVolumes } from "./volumes.ts";
import { releaseVolumes } from "./volumes/hold.ts";
import { takeOverVolumes } from "./volumes/take_over.ts";
import { VolumeRegistry } from "./volumes/volume_registry.ts";
import { VOLUME_SCHEMA, VolumeTable } from "./volumes/volume_table.ts";

/**
 * The engine in this process. It needs root, and a state folder to itself; `connect()` offers the same from outside.
 */
export class Engine implements ContainerEngine {
  /** Containers and their lives. */
  readonly containers: Containers;
  /** Further commands in containers that run. */
  readonly execs: Execs;
  /** Images and their names. */
  readonly images: Images;
  /** Networks, and who is in them. */
  readonly networks: Networks;
  /** Volumes, and what is in them. */
  readonly volumes: Volumes;
  /** The engine itself. */
  readonly system: System;
  readonly #parts: Parts;
  readonly #lock: Disposable;

  private constructor(parts: Parts, lock: Disposable) {
    this.#parts = parts;
    this.#lock = lock;
    this.containers = new EngineContainers(parts);
    this.execs = new EngineExecs(parts);
    this.images = parts.images;
    this.networks = new EngineNetworks(parts);
    this.volumes = new EngineVolumes(parts);
    this.system = new EngineSystem(parts);
  }

  /**
   * Opens the engine of a state folder, in this process; one at a time. Containers that run are adopted.
   * @throws `unavailable` when another engine has the folder, cgroups are missing or the database cannot be read.
   */
  static async open(
    settings: Partial<Settings> = {},
    log: (message: string) => void = console.error,
  ): Promise<Engine> {
    const complete = { ...resolveSettings(settings, (name) => Deno.env.get(name)), ...settings };
    using undo = new DisposableStack();
    makeFolders(complete);
    const lock = undo.use(lockFolder(complete.root));
    const parts = undo.adopt(openParts(complete, log), closeParts);
    await takeOver(parts);
    undo.move();
    return new Engine(parts, lock);
  }

  /** Whether a container runs, or will be restarted. */
  busy(): boolean {
    return [...this.#parts.containers].some(({ state }) =>
      state.status === "running" || state.status === "starting" || (state.status === "exited" && state.restarting)
    );
  }

  /** Leaves; the containers go on, and the next engine adopts them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await dissolveIdleNetworks(this.#parts);
    closeParts(this.#parts);
    this.#lock[Symbol.dispose]();
  }
}

/** Only root may pass: below are set-user-ID files of images (CVE-2021-41091). */
function makeFolders({ root, runDir }: Settings): void {
  for (const folder of [root, runDir]) {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o710 });
    Deno.chmodSync(folder, 0o710);
  }
  for (
    const folder of [
      `${root}/layers`,
      `${root}/containers`,
      `${root}/staging`,
      `${root}/volumes`,
      `${runDir}/containers`,
      `${runDir}/execs`,
    ]
  ) {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

function openParts(settings: Settings, log: (message: string) => void): Parts {
  const reserve = new Reserve(settings.root);
  const database = openDatabase(`${settings.root}/db.sqlite`, [IMAGE_SCHEMA, NETWORK_SCHEMA, VOLUME_SCHEMA], reserve);
  reserve.fill();
  const containers = new ContainerRegistry();
  const events = new EventLog();
  const images = new ImageStore({
    database,
    spend: (change) => reserve.spend(change),
    root: settings.root,
    runDir: settings.runDir,
    registries: { insecure: settings.insecureRegistries ?? [], mirrors: settings.registryMirrors ?? [] },
    usedBy: (imageId) =>
      [...containers].filter(({ record }) => usesImage(record, imageId))
        .map(({ id, record, state }) => ({ id, name: record.name, running: state.status === "running" })),
    emit: (action, id, name) =>
      events.publish({ Type: "image", Action: action, Actor: { ID: id, Attributes: { name } } }),
  });
  const parts: Parts = {
    settings,
    database,
    table: new ContainerTable(database, reserve),
    containers,
    volumes: new VolumeRegistry(new VolumeTable(database, reserve)),
    networks: new NetworkRegistry(
      new NetworkTable(database, reserve),
      (_id, name, error) => log(`the record of network ${name} cannot be read: ${describeError(error)}`),
    ),
    host: new HostStack(settings, log, () => rulesInForce(containers)),
    images,
    cgroups: openCgroups(),
    reactor: new Reactor({ onError: (error) => log(`reactor: ${describeError(error)}`) }),
    events,
    onEnd: (container) => void containerEnded(parts, container).then(() => releaseVolumes(parts, container)),
    log,
  };
  return parts;
}

function closeParts({ containers, images, host, cgroups, reactor, database }: Parts): void {
  for (const { running, network, restartTimer } of containers) {
    clearTimeout(restartTimer);
    network?.[Symbol.dispose]();
    running?.[Symbol.dispose]();
  }
  images[Symbol.dispose]();
  host[Symbol.dispose]();
  reactor[Symbol.dispose]();
  cgroups.removeEmpty("/sauropod");
  database.close();
}

/** As its root, or as one of its mounts. */
function usesImage({ imageId, mountPlans = [] }: ContainerRecord, id: string): boolean {
  return imageId === id || mountPlans.some((plan) => plan.kind === "image" && plan.image === id);
}

async function takeOver(parts: Parts): Promise<void> {
  const damaged = new Set<string>(); // kept as they are, for whoever can mend them
  const onDamage = (id: string, name: string, error: unknown) => {
    damaged.add(id);
    parts.containers.reserve(name, id);
    parts.log(`the record of container ${name} (${id}) cannot be read: ${describeError(error)}`);
  };
  makePredefined(parts);
  for (const record of parts.table.load(onDamage)) {
    parts.containers.add(new Container(record, containerFolders(parts.settings, record.id), parts.table));
  }
  await Promise.all(Array.from(parts.containers, (container) => adoptContainer(parts, container)));
  adoptExecs(parts);
  takeOverVolumes(parts);
  if (parts.host.hasRules || hasBridges(parts)) await publishAdopted(parts);
  sweep(parts.settings.root, new Set([...damaged, ...Array.from(parts.containers, ({ id }) => id)]));
}
