/** docs/tutorial.md, word for word: from the package and from a clone. */
import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import {
  isFree,
  scratchFolder,
  Unavailable,
  until,
  whyUnavailable,
} from '../../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../../services/redis.ts';
import { copyCheckout } from './checkout.ts';
import { pack } from './packed.ts';
import { Shell } from './shell.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** What the tutorial takes for granted. */
const redisPort = 6379;
const ports = [redisPort, 8083, 9100];

/** Somebody else's Redis on that port is not to be filled with records. */
const startTutorialRedis = (): Promise<RedisServer> => startRedis({ port: redisPort });

const unavailable = await whyUnavailable(async () => {
  for (const port of ports)
    if (!(await isFree(port)))
      throw new Unavailable(`The tutorial needs port ${port}, which is taken.`);
  await needRedis();
});

interface Step {
  readonly typed: string;
  /** Lines that the page shows below it, or some of them; empty: nothing is shown. */
  readonly shown: readonly string[];
}

/** Two ways to begin, then what both go on with. */
async function readTutorial(): Promise<{
  readonly begins: readonly Step[];
  readonly rest: readonly Step[];
}> {
  const page = await readFile(path.join(root, 'docs', 'tutorial.md'), 'utf8');
  const blocks = [...page.matchAll(/^```(sh|text)\n(.*?)^```/gms)];
  const steps = blocks.flatMap(([, language, typed = ''], place): readonly Step[] => {
    const [, next, shown = ''] = blocks[place + 1] ?? [];
    if (language !== 'sh') return [];
    return [
      { typed, shown: next === 'text' ? shown.split('\n').filter((line) => line !== '') : [] },
    ];
  });
  return { begins: steps.slice(0, 2), rest: steps.slice(2) };
}

/** What may stand where the page has this line: ages, rates, times, names and widths of columns differ. */
function lookingLike(line: string): RegExp {
  const pattern = line
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\d{4}-\d\d-\d\dT[\d:\\.]+Z|\bann@host\b/g, '\\S+')
    .replace(/\b\d+( ?s)\b|\b\d+\\\.\d\b/g, (_, unit?: string) => `[\\d.,]+${unit ?? ''}`)
    .replace(/ +/g, ' +');
  return new RegExp(pattern);
}

/** The files of a release, as far as the tutorial needs them. */
async function putRelease(folder: string): Promise<void> {
  const { file } = await pack();
  const name = path.basename(file);
  await copyFile(file, path.join(folder, name));
  const sum = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  await writeFile(path.join(folder, 'SHA256SUMS'), `${sum}  ${name}\n`);
}

const linesOf = async (file: string): Promise<number> =>
  (await readFile(file, 'utf8')).split('\n').length - 1;

const ways = [
  { name: 'from a release', put: putRelease, beginsWith: 'npm install' },
  { name: 'from a clone', put: copyCheckout, beginsWith: 'npm ci' },
];

describe.skipIf(unavailable !== undefined).each(ways)(
  'the tutorial, $name',
  { timeout: 400_000 },
  ({ put, beginsWith }) => {
    const used: { stop(): Promise<unknown> }[] = [];
    afterEach(async () => {
      for (const each of used.splice(0).reverse()) await each.stop();
    });

    it('shows what the page shows', async () => {
      used.push(await startTutorialRedis());
      const folder = await scratchFolder('tutorial');
      await put(folder);
      const shell = new Shell(folder);
      used.push(shell);
      const { begins, rest } = await readTutorial();
      const type = async (text: string) => {
        const shown = await shell.type(text);
        expect(shown).not.toContain('failed: ');
        return shown;
      };

      await type(begins.find(({ typed }) => typed.includes(beginsWith))?.typed ?? '');
      // The command is the one that has just been made here, not one that this machine has.
      expect(await type('type sluice')).toContain(folder);
      for (const { typed, shown } of rest) {
        let screen = await type(typed);
        await until(
          `${typed}shows ${shown.join('\n')}`,
          async () => {
            if (shown.every((line) => lookingLike(line).test(screen))) return true;
            screen = await type(typed);
            return false;
          },
          60_000,
        );
      }
      await type('wait');

      expect(rest.filter(({ shown }) => shown.length > 0).length).toBeGreaterThan(6);
      const [archived, received] = await Promise.all(
        ['archive.ndjson', 'received.ndjson'].map((name) => linesOf(path.join(folder, name))),
      );
      expect(archived).toBe(1492);
      expect(received).toBe(1492);
      expect(await readFile(path.join(folder, 'pump.log'), 'utf8')).toContain('Tyk-pump stopped.');
    });
  },
);
