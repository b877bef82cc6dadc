import {
  type OptionSet,
  type OptionsOf,
  type PlacedProblem,
  readObject,
  type StructuredDocument,
} from '#source';
import { isSet, type Other, type Section } from './treatment.ts';

/** A file as it is read, and what is found on the way. */
export interface Reading {
  readonly path: string;
  readonly document: StructuredDocument;
  readonly problems: PlacedProblem[];
}

export type Members = Readonly<Record<string, unknown>>;

/** What stands for an object in a definition: one, or nothing (Go writes null, too). Anything else is a problem. */
export function membersOf(value: unknown, at: string, reading: Reading): Members {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Members;
  report(reading, at, {
    found: Array.isArray(value) ? 'list' : typeof value,
    expected: 'an object',
  });
  return {};
}

/** The obeyed fields of an object; undefined where one of them cannot be read. Every other field is judged on the way. */
export function readSection<S extends OptionSet>(
  section: Section<S>,
  members: Members,
  at: string,
  reading: Reading,
): OptionsOf<S> | undefined {
  for (const [name, value] of Object.entries(members)) {
    const other = Object.hasOwn(section.others, name) ? section.others[name] : undefined;
    if (other !== undefined) judge(other, value, at === '' ? name : `${at}.${name}`, reading);
  }
  const raw = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
  const { value, problems } = readObject(section.obeyed, {
    ...{ raw, at, path: reading.path, document: reading.document },
    // A name that nobody knows is no slip where it asks for nothing: other versions of the gateway write all theirs.
    allowed: [
      ...section.sections,
      ...Object.keys(section.others),
      ...Object.keys(raw).filter(
        (name) => !Object.hasOwn(section.obeyed, name) && !isSet(raw[name]),
      ),
    ],
  });
  reading.problems.push(...problems);
  return value;
}

function judge(other: Other, value: unknown, key: string, reading: Reading): void {
  if (!isAskedFor(other, value)) return;
  if (other.treatment === 'refused')
    report(reading, key, { found: `what is not built here: ${other.why}`, expected: nothing });
  else if (other.isQuiet !== true)
    report(reading, key, {
      ...{ found: `what has no effect here: ${other.why}`, expected: nothing, severity: 'warning' },
    });
}

const nothing = 'it to be left out, or another gateway';

function isAskedFor(other: Other, value: unknown): boolean {
  if (!isSet(value)) return false;
  if (other.treatment === 'ignored' || other.switchedOnBy === undefined) return true;
  return typeof value !== 'object' || (value as Members | null)?.[other.switchedOnBy] === true;
}

export function report(
  { path, document, problems }: Reading,
  key: string,
  what: Pick<PlacedProblem, 'found' | 'expected'> & { readonly severity?: 'warning' },
): void {
  problems.push({
    ...{ source: path, key, severity: 'error', at: document.locate(key) },
    ...what,
  });
}
