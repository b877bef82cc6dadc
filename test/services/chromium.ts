import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { needProgram } from './debian.ts';
import { unpackedPackage } from './debian-unpacked.ts';
import { Unavailable } from './process.ts';

/** A browser's program, and what it wants in its environment. */
interface Program {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

const debianPackage = 'chromium-headless-shell';
/** The first is Debian's; the last is on the machines of GitHub. */
const names = [debianPackage, 'chromium', 'google-chrome'];

/**
 * A Chromium of this machine, or Debian's: installed where we may, otherwise unpacked into the user's cache. Throws `Unavailable`
 * where there is none, but in CI, where there must be one, an error that nothing skips.
 */
export async function needChromium(): Promise<Program> {
  for (const name of names) {
    const found = await needProgram(name, []).catch(() => undefined);
    if (found !== undefined) return { file: found, env: {} };
  }
  // With a font, or every letter of a page is a box.
  const installed = await needProgram(debianPackage, [debianPackage, 'fonts-dejavu-core']).catch(
    () => undefined,
  );
  if (installed !== undefined) return { file: installed, env: {} };
  const home = await unpackedPackage(debianPackage);
  if (home !== undefined) return unpacked(home);
  const words = `This machine lacks Chromium (Debian: ${debianPackage}).`;
  throw (process.env['CI'] ?? '') === '' ? new Unavailable(words) : new Error(words);
}

/** The libraries that it came with, before those of the machine. */
function unpacked(home: string): Program {
  const libraries = path.join(home, 'usr', 'lib');
  const folders = readdirSync(libraries)
    .filter((name) => name.endsWith('-linux-gnu'))
    .flatMap((name) => [path.join(libraries, name), path.join(libraries, name, 'pulseaudio')]);
  return {
    file: path.join(libraries, 'chromium', debianPackage),
    env: { LD_LIBRARY_PATH: folders.join(':') },
  };
}

/** A browser without a window; it ends with this process at the latest. */
export async function startChromium(): Promise<Browser> {
  const { file, env } = await needChromium();
  return chromium.launch({
    executablePath: file,
    env: { ...process.env, ...env },
    // Its sandbox wants rights that a container lacks; the pages are our own.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}
