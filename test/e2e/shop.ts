/** The app of the demo (demo/capture), each part a process. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, launch, until } from '../services/process.ts';

const main = fileURLToPath(new URL('../../demo/capture/main.ts', import.meta.url));

export interface Part {
  readonly child: Child;
  /** Where each of its servers listens, by name: `127.0.0.1:4711`, or the path of a socket. */
  readonly listens: Readonly<Record<string, string>>;
}

export interface Life {
  readonly calls: number;
  readonly failed: number;
}

type Launch = (argv: readonly string[], options: { onOutput(text: string): void }) => Child;

const launchHere: Launch = ([command = '', ...args], options) => launch(command, args, options);

/** The services that the shop asks, in a folder of their own. */
export const startServices = (folder: string, launcher?: Launch): Promise<Part> =>
  startPart(['services', '--folder', folder], ['payments', 'rates', 'stock'], launcher);

/** The API. `listen`: an address or the path of a socket; `tls`: it speaks TLS only, with a certificate for this name. */
export function startShop(
  folder: string,
  services: Part,
  {
    listen,
    tls,
    launcher,
  }: { readonly listen: string; readonly tls?: string; readonly launcher?: Launch },
): Promise<Part> {
  const port = (name: string): string => services.listens[name]?.split(':')[1] ?? '';
  return startPart(
    [
      ...['shop', '--folder', folder, '--listen', listen],
      ...['--payments', `https://localhost:${port('payments')}`],
      ...['--rates', `http://127.0.0.1:${port('rates')}`],
      ...(tls === undefined ? [] : ['--tls', tls]),
    ],
    ['shop'],
    launcher,
  );
}

/** The file of the authority that a shop of `tls` has. */
export const shopAuthority = (folder: string): string => path.join(folder, 'shop-ca.pem');

/** Lets customers call until one day of theirs is over; resolves to what they did. */
export async function live(args: readonly string[]): Promise<Life> {
  const { child, lines } = launchPart(['client', '--seconds', '0.1', '--pause', '5', ...args]);
  await until('the client ends', () => !child.isRunning(), 60_000);
  const [report] = lines();
  if (report === undefined) throw new Error(`The client has failed: ${child.output()}`);
  return report as unknown as Life;
}

async function startPart(
  args: readonly string[],
  names: readonly string[],
  launcher?: Launch,
): Promise<Part> {
  const { child, lines } = launchPart(args, launcher);
  await until('it listens, or ends', () => lines().length === names.length || !child.isRunning());
  const found = lines().map(({ listens, at }) => [String(listens), String(at)] as const);
  if (found.length < names.length) throw new Error(`${args.join(' ')}: ${child.output()}`);
  return { child, listens: Object.fromEntries(found) };
}

function launchPart(args: readonly string[], launcher = launchHere) {
  let output = '';
  const child = launcher([process.execPath, '--import', 'tsx', main, ...args], {
    onOutput(text) {
      output += text;
    },
  });
  // The last one may not be whole yet.
  const lines = (): readonly Readonly<Record<string, unknown>>[] =>
    output
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return { child, lines };
}
