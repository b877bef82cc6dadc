import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { needProgram } from './debian.ts';
import { unpackedPackage } from './debian-unpacked.ts';
import { scratchFolder, Unavailable } from './process.ts';

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

/**
 * A Chromium that takes extensions and has developer tools, which the headless shell lacks. Google Chrome takes no extension
 * from a command line, and Ubuntu has its Chromium elsewhere, so where Debian's cannot be installed there is none.
 */
export async function needWholeChromium(): Promise<string> {
  try {
    return await needProgram('chromium', ['chromium']);
  } catch {
    throw new Unavailable('This machine lacks a whole Chromium (Debian: chromium).');
  }
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

/** A browser with an extension, without a window. */
export async function startChromiumWith(extension: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(await scratchFolder('chromium'), {
    executablePath: await needWholeChromium(),
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      ...[`--disable-extensions-except=${extension}`, `--load-extension=${extension}`],
    ],
  });
}

/** Opens the developer tools of a tab, which load the pages that extensions have for them. */
export async function openDevTools(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.browser()?.newBrowserCDPSession();
  if (session === undefined) throw new Error('there is no browser');
  const own = await context.newCDPSession(page);
  const { targetInfo } = await own.send('Target.getTargetInfo');
  await session.send('Target.openDevTools', { targetId: targetInfo.targetId });
  await own.detach();
  await session.detach();
}
