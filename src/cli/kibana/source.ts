import { formatProblem } from '../../config/problem.ts';
import { DocumentFields } from '../../operate/kibana/document-fields.ts';
import {
  problemOfName,
  problemOfOwnName,
  problemOfPatterns,
} from '../../operate/kibana/index-names.ts';
import { patternsOf } from '../../operate/kibana/index-template.ts';
import type { Naming } from '../../operate/kibana/lifecycle.ts';
import type { ObjectsOptions } from '../../operate/kibana/naming.ts';
import { type CheckedPump, checkPumps, type FindPump } from '../../pump/check-pumps.ts';
import { documentOf, documentRulesOf } from '../../pump/document.ts';
import { indexProperties, type Properties } from '../../pump/index-mapping.ts';
import type { SearchIndices } from '../../pump/search-indices.ts';
import type { Shape } from '../../record/shape.ts';
import type { CommandContext } from '../command-context.ts';
import { loadOrSay } from '../command-context.ts';
import type { KibanaFlags } from '../command-line/command.ts';
import { KibanaProblem } from './problem.ts';

/** What is known of the documents and of where they lie. */
export interface Source {
  readonly document: Shape;
  /** Of the pump; undefined: none was named. */
  readonly indices: SearchIndices | undefined;
}

/** From the pump that was named, or what an elasticsearch pump sends with all that it has. */
export async function findSource(
  { pump: name, conf }: Pick<KibanaFlags, 'pump' | 'conf'>,
  context: CommandContext,
  findPump: FindPump,
): Promise<Source> {
  if (name === '') return { document: await usualDocument(findPump), indices: undefined };
  const config = await loadOrSay(conf, context);
  if (config === undefined) throw new KibanaProblem('the configuration has errors');
  const entry = config.pumps.find((each) => each.name === name.toUpperCase());
  if (entry === undefined) {
    const known = config.pumps.map((each) => each.name).join(', ');
    throw new KibanaProblem(`${conf} has no pump '${name}', but ${known || 'none at all'}`);
  }
  const checked = await checkPumps([entry], findPump);
  for (const problem of [...checked.problems, ...checked.leftOut])
    if (problem.severity === 'error') throw new KibanaProblem(formatProblem(problem));
  const [usable] = checked.usable;
  if (usable?.pump.searchIndices === undefined)
    throw new KibanaProblem(`the pump '${name}' is of type ${entry.type}, not elasticsearch`);
  return { document: sentBy(usable), indices: usable.pump.searchIndices };
}

const sentBy = ({ entry, pump }: CheckedPump): Shape =>
  documentOf(pump.document ?? [], documentRulesOf(entry.rules));

async function usualDocument(findPump: FindPump): Promise<Shape> {
  const found = await findPump('elasticsearch');
  if (found.outcome !== 'found') throw new KibanaProblem('there is no elasticsearch pump here');
  const { pump } = found.pump.prepare({
    raw: { extended_stats: true },
    ...{ source: '', key: '', env: {}, envPrefix: '' },
  });
  return pump?.document ?? [];
}

/** What both kinds of indices are found by, where nobody says it: those of one name and those of days. */
const usualPatterns = 'tyk_analytics*';
const usualIndex = 'tyk_analytics';

/** What the objects are made with. */
export function objectsOptions(
  { document, indices }: Source,
  { index, name, dynamic }: Pick<KibanaFlags, 'index' | 'name' | 'dynamic'>,
): ObjectsOptions {
  const known = indices && patternsOf({ indices: indices.names, naming: namingOf(indices) });
  const patterns = index || (known?.join(',') ?? usualPatterns);
  if (index !== '') refuse('--index', problemOfPatterns(index));
  if (name !== '') refuse('--name', problemOfOwnName(name));
  return { fields: new DocumentFields(document, !dynamic), indices: patterns, name };
}

const namingOf = ({ isDaily, isDataStream }: SearchIndices): Naming =>
  isDaily ? 'daily' : isDataStream ? 'data-stream' : 'plain';

export interface TemplateSource {
  readonly name: string;
  readonly indices: readonly string[];
  readonly naming: Naming;
  readonly isDataStream: boolean;
  readonly properties: Properties;
}

/** What the template is made with. */
export function templateSource(
  { document, indices }: Source,
  flags: Pick<KibanaFlags, 'index' | 'name' | 'naming'>,
): TemplateSource {
  const names = indices?.names ?? ([flags.index || usualIndex] as const);
  if (indices !== undefined && flags.index !== '')
    throw new KibanaProblem('--index and --pump say both which indices: leave out one');
  for (const name of names)
    refuse(indices === undefined ? '--index' : 'index_name', problemOfName(name));
  const own = flags.name || (indices?.template ?? `sluice-${names[0]}`);
  refuse(flags.name === '' ? 'the name of the template' : '--name', problemOfOwnName(own));
  const naming = chosenNaming(indices, flags.naming);
  return {
    name: own,
    indices: names,
    naming,
    isDataStream: indices?.isDataStream ?? naming === 'data-stream',
    properties: indexProperties(document),
  };
}

/** As the pump writes; only of one plain name it cannot be seen what it stands for. */
function chosenNaming(indices: SearchIndices | undefined, said: KibanaFlags['naming']): Naming {
  if (indices === undefined) return said === 'auto' ? 'plain' : said;
  const known = namingOf(indices);
  if (said === 'auto' || said === known) return known;
  if (said === 'alias' && known === 'plain') {
    if (indices.names.length === 1) return 'alias';
    throw new KibanaProblem(
      '--naming=alias is for one name, and this pump has another for MCP records: two templates, without --pump, make both',
    );
  }
  throw new KibanaProblem(`the pump names its indices otherwise (${known}), not ${said}`);
}

function refuse(what: string, expected: string | undefined): void {
  if (expected !== undefined) throw new KibanaProblem(`${what}: expected ${expected}`);
}
