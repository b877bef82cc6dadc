import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { userCache, versionOf } from '../../scripts/lib/user-cache.mjs';
import { unpackEntry } from '../../scripts/lib/zip.mjs';
import { needJavaAndMaven, runTool } from './java.ts';

export type Flavour =
  | 'elasticsearch8'
  | 'elasticsearch7'
  | 'elasticsearch6'
  | 'elasticsearch5'
  | 'opensearch';

const sources = fileURLToPath(new URL('elasticsearch/', import.meta.url));

/** The folder of a built server: `lib/` (its jars), `classes/` (the launcher), for Elasticsearch 8 `modules/`. */
export async function needElasticsearch(flavour: Flavour): Promise<string> {
  await needJavaAndMaven();
  const home = userCache(flavour, versionOf(path.join(sources, flavour)));
  if (existsSync(home)) return home;
  await mkdir(path.dirname(home), { recursive: true });
  const fresh = await mkdtemp(`${home}-`);
  try {
    await build(flavour, fresh);
    // In one step, for another test may build at the same time: then the first one's is kept.
    await rename(fresh, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return home;
}

async function build(flavour: Flavour, home: string): Promise<void> {
  const source = path.join(sources, flavour);
  const lib = path.join(home, 'lib');
  await runTool('mvn', [
    ...['--quiet', '--batch-mode', '-f', path.join(source, 'pom.xml')],
    ...['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${lib}`],
  ]);
  await compile(lib, path.join(home, 'classes'), path.join(source, 'Launcher.java'));
  if (flavour === 'elasticsearch8') await addModules(source, home);
}

const compile = (lib: string, classes: string, source: string): Promise<void> =>
  runTool('javac', ['-cp', `${lib}/*`, '-d', classes, source]);

/** Version 8 loads its network layer from a folder with a descriptor, as in the distribution. */
async function addModules(source: string, home: string): Promise<void> {
  const [lib, netty] = [path.join(home, 'lib'), path.join(home, 'modules', 'transport-netty4')];
  await mkdir(netty, { recursive: true });
  await mkdir(path.join(home, 'plugins'));
  for (const jar of await readdir(lib)) {
    if (/^(netty|transport-netty4)-/.test(jar)) {
      await rename(path.join(lib, jar), path.join(netty, jar));
    }
  }
  const jar = (await readdir(netty)).find((name) => name.startsWith('transport-netty4-')) ?? '';
  const descriptor = unpackEntry(await readFile(path.join(netty, jar)), (name) =>
    name.endsWith('/transport-netty4/plugin-descriptor.properties'),
  );
  if (descriptor === undefined) throw new Error(`${jar} has no plugin descriptor.`);
  const lines = descriptor.toString().split('\n');
  const described = lines.filter((line) => !line.startsWith('modulename'));
  await writeFile(path.join(netty, 'plugin-descriptor.properties'), described.join('\n'));
  const version = /^elasticsearch\.version=(.+)$/m.exec(descriptor.toString())?.[1] ?? '';
  await addRootInfo(source, home, version.trim());
}

/** GET / comes from a module that is not published; clients ask it first, so RootInfo.java stands in. */
async function addRootInfo(source: string, home: string, version: string): Promise<void> {
  const [module, classes] = [path.join(home, 'modules', 'rest-root'), path.join(home, 'root')];
  await mkdir(module);
  await compile(path.join(home, 'lib'), classes, path.join(source, 'RootInfo.java'));
  const jar = path.join(module, 'rest-root.jar');
  await runTool('jar', ['--create', '--file', jar, '-C', classes, '.']);
  const properties = [
    ...['name=rest-root', 'description=GET /', `version=${version}`],
    ...[`elasticsearch.version=${version}`, 'java.version=17', 'classname=RootInfo'],
  ];
  await writeFile(path.join(module, 'plugin-descriptor.properties'), `${properties.join('\n')}\n`);
}
