/** The pages that people read, as the tests of them see them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export const readPage = (page: string): string => readFileSync(path.join(root, page), 'utf8');

const below = (folder: string): readonly string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
    .sort();

/** The documentation, by paths from the root. */
export const docsPages: readonly string[] = below('docs');

const pumpPages: readonly string[] = below('pumps');

export const allPages: readonly string[] = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...docsPages,
  ...pumpPages,
  ...below('deploy'),
];

export interface Block {
  /** The word behind the fence, or nothing. */
  readonly language: string;
  readonly text: string;
}

const fence = /^```([\w-]*)\n(.*?)^```$/gms;

export const blocksOf = (page: string): readonly Block[] =>
  [...page.matchAll(fence)].map(([, language = '', text = '']) => ({ language, text }));

export const proseOf = (page: string): string => page.replace(fence, '');

/** What is written as code within sentences. */
export const codeOf = (page: string): readonly string[] =>
  [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);

export interface Link {
  /** Path of the file from the root; the page's own path where the link is to a section of it. */
  readonly to: string;
  readonly section: string | undefined;
  readonly written: string;
}

/** The links of a page to files of the repository, those to pictures included. */
export const linksOf = (page: string): readonly Link[] =>
  [...proseOf(readPage(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, written = '']) => written)
    .filter((written) => !/^[a-z]+:/.test(written))
    .map((written) => {
      const [to = '', section] = written.split('#');
      return {
        to: to === '' ? page : path.posix.join(path.posix.dirname(page), to),
        section,
        written,
      };
    });

/** The names by which its sections are linked to, as forges make them. */
export function sectionsOf(page: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...proseOf(readPage(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const name = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  });
}
