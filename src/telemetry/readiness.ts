/** How one part is. `unknown` is for protocols that cannot tell, such as UDP. */
export type PartHealth =
  | { readonly state: 'up' }
  | { readonly state: 'down'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };

export interface RouteReadiness {
  readonly route: string;
  /** The pump's type. */
  readonly pump: string;
  readonly health: PartHealth | { readonly state: 'paused'; readonly reason: string };
  /** Why the route loses or has lost records, such as `shedding`; undefined while it loses none. */
  readonly degraded?: string | undefined;
}

/** Whether the gateway's lists are claimed; `refused in part`: not all of them, or what follows a claim is refused. */
export type Claiming =
  | { readonly state: 'up'; readonly reasons?: readonly string[] }
  | { readonly state: 'refused in part' | 'down'; readonly reasons: readonly string[] };

/** What /ready answers. `ready` alone decides between 200 and 503; the rest says why. */
export interface Readiness {
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason?: string;
  /** `at-most-once`: Redis refuses scripts or our keys, so records are popped as the reference does. */
  readonly mode: 'at-least-once' | 'at-most-once';
  readonly redis: PartHealth;
  readonly claiming: Claiming;
  readonly routes: readonly RouteReadiness[];
}
