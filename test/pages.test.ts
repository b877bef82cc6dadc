/** Whether what the pages say is there: what they link to, the commands, the configurations, the options. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { commandNames } from '../src/cli/command-line/commands.ts';
import { parseCommandLine } from '../src/cli/command-line/parse-command-line.ts';
import { loadConfig } from '../src/config/load.ts';
import { leavesOf } from '../src/config/options/leaves.ts';
import { ownOptions } from '../src/config/own-options.ts';
import { formatProblem } from '../src/config/problem.ts';
import { globalOptions } from '../src/config/service-options.ts';
import { reviewPumps } from '../src/pump/review-pumps.ts';
import { allPages, blocksOf, codeOf, docsPages, linksOf, readPage, sectionsOf } from './pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const index = 'docs/README.md';

describe.each(allPages)('%s', (page) => {
  it('links to files and sections that are there', () => {
    const broken = linksOf(page)
      .filter(({ to, section }) => {
        if (!existsSync(`${root}${to}`)) return true;
        return section !== undefined && to.endsWith('.md') && !sectionsOf(to).includes(section);
      })
      .map(({ written }) => written);

    expect(broken).toEqual([]);
  });
});

it(`every page is reached from ${index}, by links within docs/`, () => {
  const reached = new Set([index]);
  for (const page of reached)
    for (const { to } of linksOf(page)) if (docsPages.includes(to)) reached.add(to);

  expect(docsPages.filter((page) => !reached.has(page))).toEqual([]);
});

/** What a program or a page points to by name, `docs/query.md` or `docs/routes.md, "Rewind"`, in sources and in pages. */
const mentions = [
  ...allPages,
  ...['src', 'pumps', 'scripts'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.test)\.[mt]s$/.test(name))
      .map((name) => `${folder}/${name}`),
  ),
].flatMap((file) =>
  [...readPage(file).matchAll(/(?<![\w/])docs\/[\w/-]+\.md(?:,? "([^"\n]+)")?/g)].map(
    ([whole, heading]) => ({ file, page: whole.split(/[, ]/)[0] ?? '', heading }),
  ),
);

it('pages and sections that are named exist', () => {
  const missing = mentions
    .filter(
      ({ page, heading }) =>
        !existsSync(`${root}${page}`) ||
        (heading !== undefined && !readPage(page).includes(`# ${heading}\n`)),
    )
    .map(({ file, page, heading }) => `${file}: ${page} ${heading ?? ''}`);

  expect(mentions.length).toBeGreaterThan(50);
  expect(missing).toEqual([]);
});

/** `sluice dead ls --limit 1 | head  # why` → its words, without what is the shell's. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  for (const [whole, single, double] of line.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)) {
    if (single === undefined && double === undefined) {
      if (/^(#|[|&;]|\d?>)/.test(whole)) break;
      const [word = '', ...rest] = whole.split(/[;)]/);
      if (word !== '') words.push(word);
      if (rest.length > 0) break;
    } else words.push(single ?? double ?? '');
  }
  return words;
}

/** Every line of a shell that calls the program. */
const commandLines = allPages.flatMap((page) =>
  blocksOf(readPage(page))
    .filter(({ language }) => ['sh', 'bash', 'shell', 'console', ''].includes(language))
    .flatMap(({ text }) =>
      [
        ...text
          .replace(/\\\n\s*/g, '')
          .matchAll(/(?:^(?:\$ )?(?:[A-Z_]+=\S+ )*|-- |[$<]\()sluice (.+)$/gm),
      ].map(([, line = '']) => [page, line] as const),
    ),
);

describe('commands', () => {
  it.each(commandLines)('%s: sluice %s', (_page, line) => {
    const command = parseCommandLine(wordsOf(line));

    expect(command.kind === 'usage' ? command.message : '').toBe('');
  });

  it('are found at all', () => {
    expect(commandLines.length).toBeGreaterThan(60);
  });

  it('within sentences exist', () => {
    const unknown = allPages.flatMap((page) =>
      codeOf(readPage(page))
        .filter((code) => /^sluice [a-z]/.test(code))
        .map((code) => wordsOf(code)[1] ?? '')
        .filter((word) => ![...commandNames, 'help'].includes(word)),
    );

    expect(unknown).toEqual([]);
  });
});

type Json = Readonly<Record<string, unknown>>;
/** What a file has besides the options of the service. */
const rest = { pumps: {}, sluice: {}, kv: {} };

/** What stands in a page as a file or a part of one: `{ "pumps": … }`, `"sluice": { … }`, `"es": { "type": … }`. */
const configurations = docsPages
  // Its modules are those of the reader.
  .filter((page) => page !== 'docs/plugins.md')
  .flatMap((page) =>
    blocksOf(readPage(page))
      .filter(({ language, text }) => language === 'json' && /^\s*["{]/.test(text))
      .flatMap(({ text }) => {
        const said = JSON.parse(text.startsWith('"') ? `{${text}}` : text) as Json;
        if (Object.keys(said).some((key) => key in globalOptions || key in rest))
          return [[page, said] as const];
        const isEntry = Object.values(said).some((each) => (each as Json | null)?.['type']);
        return isEntry ? [[page, { pumps: said }] as const] : [];
      }),
  );

/** What makes a part of a file one: a Redis, and a pump. */
const around = {
  analytics_storage_config: { host: 'localhost', port: 6379 },
  purge_delay: 2,
  dont_purge_uptime_data: true,
  pumps: { dummy: { type: 'dummy' } },
};
/** Stores that pages speak of without showing them. */
const stores = { secrets: { type: 'file', config: { base_path: '/run/secrets' } } };

describe('configurations', () => {
  it.each(configurations)('of %s pass validate --strict: %j', async (_page, said) => {
    const kv = {
      stores: { ...stores, ...(said['kv'] as { stores?: object } | undefined)?.stores },
    };
    const text = JSON.stringify({ ...around, ...said, kv });
    const { config, problems } = await loadConfig({
      path: 'pump.conf',
      env: {},
      readFile: (name) =>
        Promise.resolve(
          name.endsWith('pump.conf') ? text : `what-a-store-has-at-${name.replaceAll(/\W/g, '-')}`,
        ),
      types: pumpTypes,
    });
    const reviewed = await reviewPumps(config?.pumps ?? [], { findPump, admin: config?.health });
    // A page may leave out what a pump needs besides.
    const found = [...problems, ...reviewed.problems]
      .filter((problem) => problem.found !== 'nothing')
      .map(formatProblem);

    expect(found).toEqual([]);
  });

  it('are found at all', () => {
    expect(configurations.length).toBeGreaterThan(7);
  });
});

describe('options', () => {
  const known = [
    ...leavesOf(ownOptions).map(({ key }) => `sluice.${key}`),
    ...leavesOf(globalOptions).map(({ key }) => key),
  ];

  it('that sentences name exist', () => {
    // Telemetry has names of its own with the same beginning.
    const pages = docsPages.filter((page) => page !== 'docs/telemetry.md');
    const unknown = [...pages, 'README.md', 'SECURITY.md'].flatMap((page) =>
      codeOf(readPage(page))
        .filter((code) => /^(sluice|analytics_storage_config)\.(?!rules\.)[a-z_.]+$/.test(code))
        .filter((code) => !known.some((key) => key === code || key.startsWith(`${code}.`)))
        .map((code) => `${page}: ${code}`),
    );

    expect(unknown).toEqual([]);
  });
});
