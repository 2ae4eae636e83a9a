import { NameRedirect } from "../../net/dns/redirect.ts";
import { DNS_ADDRESS, DnsServer } from "../../net/dns/server.ts";
import { duplicate, type Fd } from "../../sys/fd.ts";
import type { Container } from "../containers/container.ts";
import type { ContainerRecord } from "../container_record.ts";
import type { Parts } from "../parts.ts";
import { nameView } from "./name_view.ts";
import { upstreams } from "./upstreams.ts";

/** The name server of a container, and how its questions come there. */
export class NameService implements Disposable {
  readonly #held = new DisposableStack();
  /** To be done once. */
  #redirect: (() => Promise<string>) | undefined;

  /**
   * Begins to answer inside of `namespace`. While `isInternal` there is no way out, and no question goes out, either
   * (CVE-2024-29018).
   */
  static listen(parts: Parts, container: Container, namespace: Fd, isInternal: () => boolean): NameService {
    const { record } = container;
    using undo = new DisposableStack();
    const service = undo.use(new NameService());
    const own = servesNames(record) ? service.#held.use(duplicate(namespace)) : undefined;
    const redirect = own && NameRedirect.find(own);
    const { ports } = service.#held.use(DnsServer.listen(namespace, {
      ...redirect && { port: 0 },
      view: nameView(parts, container),
      upstreams: () => isInternal() ? undefined : upstreams(record.hostConfig),
      poller: parts.reactor,
      log: parts.log,
    }));
    service.#redirect = redirect && (() => redirect.apply(ports).finally(() => own.close()));
    parts.host.recorder.note({ kind: "resolver", address: DNS_ADDRESS, ports, forwards: !isInternal() });
    undo.move();
    return service;
  }

  /** Settles when questions arrive; with the rules that it took, if it took any. */
  async reach(): Promise<string | undefined> {
    const redirect = this.#redirect;
    this.#redirect = undefined;
    return await redirect?.();
  }

  /** The socket would keep the namespace alive. */
  [Symbol.dispose](): void {
    this.#held.dispose();
  }
}

/** Whether it serves names itself: then port 53 is its own, on all its addresses. */
function servesNames({ config, hostConfig }: ContainerRecord): boolean {
  return [...Object.keys(config.ExposedPorts ?? {}), ...Object.keys(hostConfig.PortBindings)]
    .some((port) => /^53(\/|$)/.test(port));
}
