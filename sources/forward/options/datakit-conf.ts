import { readFile } from 'node:fs/promises';
import {
  explain,
  flag,
  list,
  type OptionsOf,
  type PlacedProblem,
  port,
  problemLines,
  readObject,
  readStructured,
  StartError,
  text,
} from '#source';

/** What an `[[inputs.proxy]]` may say, with DataKit's own defaults. */
const proxyOptions = {
  bind: text({ doc: 'Address.', default: '127.0.0.1' }),
  port: port({ doc: 'Port.', default: 9530 }),
  verbose: flag({ doc: 'Says more.', default: false }),
  mitm: flag({ doc: 'Looks into TLS.', default: false }),
  allowed_client_cidrs: list(text({ doc: 'A network.' }), { doc: 'Networks.', default: [] }),
};

export type DatakitProxy = OptionsOf<typeof proxyOptions>;

/** Names that DataKit itself reads no more. */
const withoutEffect = ['path', 'ws_bind'];

/** Each `[[inputs.proxy]]` of the file. Rejects with a `StartError` that has every problem with its line. */
export async function readDatakitConf(path: string): Promise<readonly DatakitProxy[]> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw new StartError(`datakit_conf: ${path} cannot be read: ${explain(error)}`, error);
  }
  const { documents, problems } = readStructured(content, { path, format: 'toml' });
  const [document] = documents;
  if (document === undefined) throw broken(problems);
  const found = blocksOf(document.value);
  if (found.length === 0) throw new StartError(`datakit_conf: ${path} has no [[inputs.proxy]]`);
  const read = found.map((raw, index) =>
    readObject(proxyOptions, {
      ...{ raw, at: `inputs.proxy[${index}]`, path, document, allowed: withoutEffect },
    }),
  );
  const wrong = [...problems, ...read.flatMap((one) => one.problems)];
  if (wrong.some(({ severity }) => severity === 'error')) throw broken(wrong);
  return read.flatMap(({ value }) => (value === undefined ? [] : [value]));
}

/** One table in place of a list is taken for a list of one, as DataKit does. */
function blocksOf(value: unknown): readonly unknown[] {
  const { inputs } = (value ?? {}) as { readonly inputs?: unknown };
  const { proxy } = (inputs ?? {}) as { readonly proxy?: unknown };
  if (proxy === undefined) return [];
  return Array.isArray(proxy) ? proxy : [proxy];
}

const broken = (problems: readonly PlacedProblem[]): StartError =>
  new StartError(problems.flatMap(problemLines).join('\n'));
