/** The tables of the README that say what becomes of each field: made from what reads them. */
import type { OptionSet } from '#source';
import { policySection, rightSection } from '../policy/policy-sections.ts';
import { apiSection } from './api-section.ts';
import {
  authSection,
  definitionSection,
  extendedPathsSection,
  proxySection,
  transportSection,
  versionDataSection,
  versionSection,
} from './sections.ts';
import type { Other, Section } from './treatment.ts';
import { uptimeConfigSection, uptimeTestsSection } from './uptime-sections.ts';

const version = 'version_data.versions.*';

const definitionSections: readonly (readonly [string, Section])[] = [
  ['', apiSection],
  ['auth', authSection],
  ['definition', definitionSection],
  ['version_data', versionDataSection],
  [version, versionSection],
  [`${version}.extended_paths`, extendedPathsSection],
  ['proxy', proxySection],
  ['proxy.transport', transportSection],
  ['uptime_tests', uptimeTestsSection],
  ['uptime_tests.config', uptimeConfigSection],
];

const policySections: readonly (readonly [string, Section])[] = [
  ['', policySection],
  ['access_rights.*', rightSection],
];

export const definitionTable = (): string => tableOf(definitionSections);
export const policyTable = (): string => tableOf(policySections);

function tableOf(sections: readonly (readonly [string, Section])[]): string {
  const rows = ['| Field | Is | Meaning |', '| --- | --- | --- |'];
  for (const [at, { obeyed, others }] of sections) {
    for (const [name, what, why] of [...obeyedRows(obeyed), ...otherRows(others)])
      rows.push(`| \`${at === '' ? name : `${at}.${name}`}\` | ${what} | ${why} |`);
  }
  return rows.join('\n');
}

type Row = readonly [name: string, what: string, why: string];

function* obeyedRows(options: OptionSet): Iterable<Row> {
  for (const [name, { doc, members = {} }] of Object.entries(options)) {
    yield [name, 'obeyed', doc];
    for (const [inner, member] of Object.entries(members))
      yield [`${name}[].${inner}`, 'obeyed', member.doc];
  }
}

function* otherRows(others: Readonly<Record<string, Other>>): Iterable<Row> {
  for (const [name, other] of Object.entries(others)) {
    if (other.treatment === 'refused')
      yield [
        name,
        other.switchedOnBy === undefined ? 'refused' : `refused with \`${other.switchedOnBy}\``,
        said(other.why),
      ];
    else
      yield [name, other.isQuiet === true ? 'ignored' : 'ignored, with a warning', said(other.why)];
  }
}

/** As a sentence. */
const said = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
