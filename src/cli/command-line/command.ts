/** What an operator may ask for, as the command line says it. */
import type { CommandName, deadActions, kibanaActions, Shell, spillActions } from './commands.ts';
import type {
  configFlags,
  doctorFlags,
  explainFlags,
  newFlags,
  testFlags,
  validateFlags,
} from './flag-sets/configuration.ts';
import type { kibanaFlags } from './flag-sets/kibana.ts';
import type { modelFlags } from './flag-sets/model.ts';
import type { routeFlags, statusFlags, tapFlags, topFlags } from './flag-sets/running.ts';
import type { generateFlags, liveFlags, runFlags } from './flag-sets/service.ts';
import type { trafficFlags } from './flag-sets/traffic.ts';
import type { deadFlags, feedFlags, releaseFlags, spillFlags } from './flag-sets/waiting.ts';
import type { FlagValues } from './flags.ts';

export type RunFlags = FlagValues<typeof runFlags>;
type ValidateFlags = FlagValues<typeof validateFlags>;
type DoctorFlags = FlagValues<typeof doctorFlags>;
type ConfigFlags = FlagValues<typeof configFlags>;
type ExplainFlags = FlagValues<typeof explainFlags>;
type NewFlags = FlagValues<typeof newFlags>;
type TestFlags = FlagValues<typeof testFlags>;
type GenerateFlags = FlagValues<typeof generateFlags>;
type LiveFlags = FlagValues<typeof liveFlags>;
type StatusFlags = FlagValues<typeof statusFlags>;
type RouteFlags = FlagValues<typeof routeFlags>;
export type TapFlags = FlagValues<typeof tapFlags>;
type TopFlags = FlagValues<typeof topFlags>;
type ReleaseFlags = FlagValues<typeof releaseFlags>;
type DeadFlags = FlagValues<typeof deadFlags>;
type FeedFlags = FlagValues<typeof feedFlags>;
export type KibanaFlags = FlagValues<typeof kibanaFlags>;
export type ModelFlags = FlagValues<typeof modelFlags>;
export type TrafficFlags = FlagValues<typeof trafficFlags>;
export type SpillFlags = FlagValues<typeof spillFlags>;

/** What the operator asks for. */
export type Command =
  | { readonly kind: 'run'; readonly flags: RunFlags }
  | { readonly kind: 'validate'; readonly flags: ValidateFlags }
  | { readonly kind: 'doctor'; readonly flags: DoctorFlags }
  | {
      readonly kind: 'config';
      /** Of another Admin API than that of this machine; empty: that. */
      readonly url: string;
      readonly flags: ConfigFlags;
    }
  | { readonly kind: 'explain'; readonly word: string; readonly flags: ExplainFlags }
  | { readonly kind: 'new'; readonly pumps: readonly string[]; readonly flags: NewFlags }
  | { readonly kind: 'test'; readonly files: readonly string[]; readonly flags: TestFlags }
  | { readonly kind: 'generate'; readonly flags: GenerateFlags }
  | {
      readonly kind: 'dead';
      readonly action: (typeof deadActions)[number];
      readonly flags: DeadFlags;
    }
  | { readonly kind: 'feed'; readonly files: readonly string[]; readonly flags: FeedFlags }
  | {
      readonly kind: 'spill';
      readonly action: (typeof spillActions)[number];
      readonly flags: SpillFlags;
    }
  | { readonly kind: 'live'; readonly flags: LiveFlags }
  | { readonly kind: 'status'; readonly flags: StatusFlags }
  | { readonly kind: 'tap'; readonly flags: TapFlags }
  | { readonly kind: 'top'; readonly flags: TopFlags }
  | {
      readonly kind: 'route';
      readonly action: 'ls';
      readonly flags: RouteFlags;
    }
  | {
      readonly kind: 'route';
      readonly action: 'pause' | 'resume';
      /** As it was typed. */
      readonly route: string;
      readonly flags: RouteFlags;
    }
  | {
      readonly kind: 'route';
      readonly action: 'rewind' | 'skip-to-now';
      readonly route: string;
      readonly flags: RouteFlags;
    }
  | {
      readonly kind: 'route';
      readonly action: 'rate';
      readonly route: string;
      /** As it was typed; empty: shows it. */
      readonly rate: readonly string[];
      readonly flags: RouteFlags;
    }
  | {
      readonly kind: 'route';
      readonly action: 'rename';
      /** In upper case, as routes are named. */
      readonly from: string;
      readonly to: string;
      readonly flags: RouteFlags;
    }
  | { readonly kind: 'release'; readonly flags: ReleaseFlags }
  | {
      readonly kind: 'kibana';
      readonly action: (typeof kibanaActions)[number];
      readonly flags: KibanaFlags;
    }
  | {
      readonly kind: 'model';
      readonly action: 'show' | 'violations';
      readonly file: string;
      readonly flags: ModelFlags;
    }
  | {
      readonly kind: 'model';
      readonly action: 'diff';
      /** The earlier one. */
      readonly old: string;
      readonly file: string;
      readonly flags: ModelFlags;
    }
  | {
      readonly kind: 'model';
      readonly action: 'merge';
      readonly files: readonly string[];
      readonly flags: ModelFlags;
    }
  | {
      readonly kind: 'traffic';
      readonly action: 'search';
      /** An expression of docs/query.md; empty: all. */
      readonly expression: string;
      readonly flags: TrafficFlags;
    }
  | {
      readonly kind: 'traffic';
      readonly action: 'show';
      /** Record ids. */
      readonly ids: readonly string[];
      readonly flags: TrafficFlags;
    }
  | { readonly kind: 'schema' }
  /** Its words are read by that program itself. */
  | { readonly kind: 'capture' }
  | { readonly kind: 'completion'; readonly shell: Shell }
  | { readonly kind: 'help'; readonly of: CommandName }
  | { readonly kind: 'version' };

/** A line that cannot be understood: print the message on stderr, exit with 1. */
export interface UsageError {
  readonly kind: 'usage';
  readonly message: string;
}
