/** The five minutes of the README, word for word: from the package and from a clone. */
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
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
import { metric } from '../pump.ts';
import { copyCheckout } from './checkout.ts';
import { pack } from './packed.ts';
import { Shell } from './shell.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** What the tour takes for granted. */
const redisPort = 6379;
const healthPort = 8083;
const records = 50_000;

/** Somebody else's Redis on that port is not to be filled with records. */
const startTourRedis = (): Promise<RedisServer> => startRedis({ port: redisPort });

const unavailable = await whyUnavailable(async () => {
  for (const port of [redisPort, healthPort])
    if (!(await isFree(port)))
      throw new Unavailable(`The README's tour needs port ${port}, which is taken.`);
  await needRedis();
});

/** The commands of "Five minutes": two ways to begin, then those that both go on with. */
async function readTour(): Promise<{
  readonly begins: readonly string[];
  readonly rest: readonly string[];
}> {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8');
  const [, section = ''] = /^## Five minutes\n(.*?)^## /ms.exec(readme) ?? [];
  const commands = [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text = '']) => text);
  return { begins: commands.slice(0, 2), rest: commands.slice(2) };
}

/** The files of a release, as far as the tour needs them. */
async function putRelease(folder: string): Promise<void> {
  const { file } = await pack();
  const name = path.basename(file);
  await copyFile(file, path.join(folder, name));
  const sum = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  await writeFile(path.join(folder, 'SHA256SUMS'), `${sum}  ${name}\n`);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).map((name) => path.join(folder, name));
}

const linesOf = async (file: string): Promise<number> =>
  (await readFile(file, 'utf8')).split('\n').length - 1;

const ways = [
  { name: 'from a release', put: putRelease, beginsWith: 'npm install' },
  { name: 'from a clone', put: copyCheckout, beginsWith: 'npm ci' },
];

describe.skipIf(unavailable !== undefined).each(ways)(
  'the tour, $name',
  { timeout: 400_000 },
  ({ put, beginsWith }) => {
    const used: { stop(): Promise<unknown> }[] = [];
    afterEach(async () => {
      for (const each of used.splice(0).reverse()) await each.stop();
    });

    it('does what the README says', async () => {
      used.push(await startTourRedis());
      const folder = await scratchFolder('tour');
      await put(folder);
      const shell = new Shell(folder);
      used.push(shell);
      const { begins, rest } = await readTour();
      const [configure = '', check = '', run = '', look = '', dead = '', stand = '', stop = ''] =
        rest;
      expect(rest).toHaveLength(7);
      const type = async (text: string) => {
        const shown = await shell.type(text);
        expect(shown).not.toContain('failed: ');
        return shown;
      };

      await type(begins.find((text) => text.includes(beginsWith)) ?? '');
      // The command is the one that has just been made here, not one that this machine has.
      expect(await type('type sluice')).toContain(folder);
      await type(configure);
      expect(await type(check)).toMatch(/^ok$/m);
      await type(run);
      const answered = () => metric({ healthPort }, 'sluice_records_total', { route: 'CSV' });
      await until(
        'every record is answered for',
        async () => (await answered()) === records,
        60_000,
      );
      const pages = await type(look);
      expect(pages).toContain('{"status": "ok"}');
      expect(pages).toContain('"ready":true');
      expect(pages).toMatch(/^sluice_redis_up 1$/m);
      expect(pages).toMatch(/^Method,Host,/m);
      const letters = (await type(dead)).match(/ undecodable +undecodable /g) ?? [];
      const delivered = records - letters.length;
      const books = await type(stand);
      expect(books).toMatch(new RegExp(`^CSV +[\\d,]+ +${delivered.toLocaleString('en')} `, 'm'));
      expect(books).toMatch(
        new RegExp(`^STDOUT +[\\d,]+ +${delivered.toLocaleString('en')} `, 'm'),
      );
      await type(`${stop}wait`);

      const rows = await Promise.all((await filesIn(path.join(folder, 'out'))).map(linesOf));
      const written = rows.reduce((sum, lines) => sum + lines - 1, 0);
      expect([written, await linesOf(path.join(folder, 'records.ndjson'))]).toEqual([
        delivered,
        delivered,
      ]);
      expect(await readFile(path.join(folder, 'pump.log'), 'utf8')).toContain('Tyk-pump stopped.');
    });
  },
);
