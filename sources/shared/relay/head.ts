import type { Direction } from '#source';
import type { Connection } from './connection.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import type { RequestHead } from './decision.ts';
import { headerOf } from './headers.ts';

interface HeadParts {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
}

/** A request's head as `decide` sees it. */
export class Head implements RequestHead {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
  readonly direction: Direction;
  readonly #connection: Connection;

  constructor(parts: HeadParts, connection: Connection, direction: Direction) {
    this.method = parts.method;
    this.target = parts.target;
    this.host = parts.host;
    this.rawHeaders = parts.rawHeaders;
    this.httpVersion = parts.httpVersion;
    this.direction = direction;
    this.#connection = connection;
  }

  header(name: string): string | undefined {
    return headerOf(this.rawHeaders, name);
  }

  get client(): { readonly address: string; readonly port: number } {
    return this.#connection.client;
  }

  get serverName(): string | undefined {
    return this.#connection.tls?.serverName;
  }

  get isTls(): boolean {
    return this.#connection.tls !== undefined;
  }

  get connection(): ConnectionFacts {
    return this.#connection.facts;
  }
}
