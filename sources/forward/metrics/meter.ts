import { STATUS_CODES } from 'node:http';
import {
  type Clock,
  type Counter,
  type Exchange,
  type Gauge,
  type Metrics,
  pathTemplate,
} from '#source';
import { boundedLabel } from './bounded.ts';
import { Latencies } from './latencies.ts';

/** Why a client was turned away. */
export type Rejection = 'ip' | 'user' | 'port' | 'private' | 'target' | 'loop';

const methods = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'],
]);

/**
 * DataKit's metrics, by its names and labels, and our own beside them. What comes from outside is a label only as long as
 * there are few of it: 100 clients and hosts, 200 paths, which are templates first.
 */
export class Meter {
  readonly #connects: Counter;
  readonly #rejections: Counter;
  readonly #requests: Counter;
  readonly #latencies: Latencies;
  readonly #tunnels: Counter;
  readonly #open: Gauge;
  readonly #distrust: Counter;
  readonly #clientIp = boundedLabel(100);
  readonly #host = boundedLabel(100);
  readonly #path = boundedLabel(200);
  readonly #template: (path: string) => string;
  #tunnelsOpen = 0;

  constructor(metrics: Metrics, clock: Clock, templates: readonly string[]) {
    this.#template = pathTemplate({ templates, foldsIds: true });
    this.#connects = metrics.counter({
      name: 'datakit_input_proxy_connect_total',
      help: 'Requests with the method CONNECT, by the client’s address.',
      labels: ['client_ip'],
    });
    this.#rejections = metrics.counter({
      name: 'datakit_input_proxy_reject_total',
      help: 'Requests that were refused, by reason; `ip`: the client’s address is not allowed.',
      labels: ['type'],
    });
    this.#requests = metrics.counter({
      name: 'datakit_input_proxy_api_total',
      help: 'Requests that were seen whole, without TLS or looked into, by path and method.',
      labels: ['api', 'method'],
    });
    this.#latencies = new Latencies(metrics, clock, {
      name: 'datakit_input_proxy_api_latency_seconds',
      help: 'How long they took, of the latest 1,024 of each kind.',
      labels: ['api', 'method', 'status'],
    });
    this.#tunnels = metrics.counter({
      name: 'sluice_capture_tunnels_total',
      help: 'Tunnels that have ended, by what the client spoke in them, and by outcome: `ended`, or the kind of the error.',
      labels: ['protocol', 'outcome'],
    });
    this.#open = metrics.gauge({
      name: 'sluice_capture_tunnels_open',
      help: 'Tunnels that are open and looked into by nobody.',
    });
    this.#distrust = metrics.counter({
      name: 'sluice_capture_handshakes_failed_total',
      help: 'TLS handshakes with clients that failed, by host and reason; `distrust`: the client does not trust our authority; `unused`: it went behind the handshake without a request.',
      labels: ['host', 'reason'],
    });
  }

  connected(clientIp: string): void {
    this.#connects.add(1, { client_ip: this.#clientIp(clientIp) });
  }

  rejected(type: Rejection): void {
    this.#rejections.add(1, { type });
  }

  tunnelOpened(): void {
    this.#open.set(++this.#tunnelsOpen);
  }

  tunnelEnded(): void {
    this.#open.set(--this.#tunnelsOpen);
  }

  /** `protocol`: `tls`, `http`, …; `outcome`: the kind of its error. */
  tunnelled(protocol: string, outcome: string): void {
    this.#tunnels.add(1, { protocol, outcome });
  }

  handshakeFailed(host: string, reason: string): void {
    this.#distrust.add(1, { host: this.#host(host), reason });
  }

  seen({ request, response, latency }: Exchange): void {
    const api = this.#path(this.#template(pathOf(request.target)));
    const method = methods.has(request.method) ? request.method : 'other';
    this.#requests.add(1, { api, method });
    const status =
      response === undefined
        ? 'nil response'
        : (STATUS_CODES[response.status] ?? String(response.status));
    this.#latencies.observe(latency.total / 1000, { api, method, status });
  }
}

/** Of `/path?query` and of a URL. */
const pathOf = (target: string): string =>
  /^(?:[a-z]+:\/\/[^/?#]*)?([^?#]*)/i.exec(target)?.[1] || '/';
