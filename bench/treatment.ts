import type { Treatment } from './cell.ts';

/** What is laid over each entry of `pumps`. Every record still arrives, for it is what a run is judged by. */
const entryOptions: Readonly<Record<Treatment, Readonly<Record<string, unknown>>>> = {
  filter: { filters: { skip_api_ids: ['no-such-api'], skip_response_codes: [599] } },
  edits: { ignore_fields: ['api_key', 'oauth_id', 'ip_address', 'user_agent'] },
  omit: { omit_detailed_recording: true },
  query: { filter: '-status:599 -path:/no-such-path' },
  redact: { redact: ['secrets'] },
};

type Entries = Readonly<Record<string, unknown>>;

/** The entries of `pumps` with what each route does besides delivering. */
export function treated(entries: Entries, treatment: Treatment | undefined): Entries {
  if (treatment === undefined) return entries;
  const more = entryOptions[treatment];
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, { ...asObject(entry), ...more }]),
  );
}

const asObject = (entry: unknown): Entries =>
  typeof entry === 'object' && entry !== null ? { ...entry } : {};
