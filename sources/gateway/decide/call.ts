import type { Api } from '../definition/api.ts';
import type { Limiter } from '../limits/limiter.ts';
import type { Request } from '../route/request.ts';
import type { Router } from '../route/router.ts';
import type { Versioned } from '../route/version.ts';
import type { Identities } from './authenticate.ts';
import type { AddressTrust } from './client-address.ts';

/** What is decided by; read once for each request, so that a reload counts for those that come after it. */
export interface Rules {
  readonly router: Router;
  readonly identities: Identities;
  readonly limiter: Limiter;
  readonly trust: AddressTrust;
  /** Milliseconds until an answer must have begun, where a definition does not say. */
  readonly timeout: number;
}

/** A request that an API serves. */
export interface Call {
  readonly rules: Rules;
  readonly api: Api;
  readonly request: Request;
  readonly versioned: Versioned;
  readonly clientAddress: string;
  /** What the record shows, without escapes and without the listen path. */
  readonly path: string;
}
