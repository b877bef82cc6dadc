import { type JsonNode, readJson } from '../json-text.ts';
import { jsonPieces } from '../locate.ts';
import {
  fileOf,
  type PiecesOf,
  type Reading,
  repeated,
  type Slip,
  type StructuredFile,
} from './document.ts';
import { readToml, tomlPieces } from './toml.ts';
import { readYaml, yamlPieces } from './yaml.ts';

export type Format = 'json' | 'yaml' | 'toml';

interface Reader {
  readonly read: (text: string) => Reading;
  readonly piecesOf: PiecesOf;
}

const readers: Readonly<Record<Format, Reader>> = {
  json: { read: readAsJson, piecesOf: jsonPieces },
  yaml: { read: readYaml, piecesOf: yamlPieces },
  toml: { read: readToml, piecesOf: tomlPieces },
};

/** By the ending of the name: `.json`, `.toml` or `.conf` (as DataKit calls its TOML), and all else is YAML. */
function formatOf(path: string): Format {
  if (/\.json$/i.test(path)) return 'json';
  return /\.(?:toml|conf)$/i.test(path) ? 'toml' : 'yaml';
}

/**
 * Reads a file that people write: its values, and where each key stands. `path` is for the problems, and says the format
 * unless that is given. What is wrong is never quoted, for it may be a secret.
 */
export function readStructured(
  text: string,
  { path, format = formatOf(path) }: { readonly path: string; readonly format?: Format },
): StructuredFile {
  const { read, piecesOf } = readers[format];
  const whole = text.replace(/^\uFEFF/, '');
  return fileOf(read(whole), { text: whole, source: path, piecesOf });
}

function readAsJson(text: string): Reading {
  const reading = readJson(text);
  if (!reading.ok) return { nodes: [], slips: [reading.problem] };
  const slips = [...repeats(reading.node)];
  return { nodes: slips.length > 0 ? [] : [reading.node], slips };
}

function* repeats(node: JsonNode): Iterable<Slip> {
  if (node.kind === 'plain') return;
  if (node.kind === 'list') {
    for (const element of node.elements) yield* repeats(element);
    return;
  }
  const seen = new Set<string>();
  for (const member of node.members) {
    if (seen.has(member.key)) yield repeated(member);
    seen.add(member.key);
    yield* repeats(member.node);
  }
}
