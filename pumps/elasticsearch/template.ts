import { indexProperties, type Shape, templateMark } from '#pump';
import { documentShape } from './encode.ts';
import type { Settings } from './settings.ts';
import { type Dialect, hasTypes } from './version.ts';

/** How a template of ours is looked for and made. */
export interface TemplateRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Mappings that suit Kibana. What does not fit a field is kept in the document and not indexed. Also those of the fields that
 * more of the options would add: a template is made once.
 */
const propertiesOf = (
  { decodeBase64 }: Pick<Settings, 'decodeBase64'>,
  document: Shape,
): object => ({
  ...indexProperties(documentShape({ extendedStats: true, decodeBase64 })),
  ...indexProperties(document),
});

/** The templates for the indices of these settings; none where the server's version has none that we write. */
export function templateRequests(
  name: string,
  settings: Settings,
  dialect: Dialect,
  document: Shape = [],
): readonly TemplateRequest[] {
  const { product, major, minor } = dialect;
  if (product === 'elasticsearch' && major < 5) return [];
  const isComposable = product === 'opensearch' || major > 7 || (major === 7 && minor >= 8);
  const patterns = patternsOf(settings);
  const mappings = { properties: propertiesOf(settings, document) };
  if (isComposable)
    return [
      {
        path: `/_index_template/${encodeURIComponent(name)}`,
        body: {
          index_patterns: patterns,
          // Above the server's own templates, which have 100.
          priority: 200,
          template: { mappings },
          _meta: templateMark,
          ...(settings.isDataStream ? { data_stream: {} } : {}),
        },
      },
    ];
  const legacy = (called: string, whose: object): TemplateRequest => ({
    path: `/_template/${encodeURIComponent(called)}`,
    body: { ...whose, mappings: hasTypes(dialect) ? { [settings.type]: mappings } : mappings },
  });
  if (major > 5) return [legacy(name, { index_patterns: patterns })];
  // One pattern is all that a template of version 5 can have.
  return patterns.map((template, at) => legacy(at === 0 ? name : `${name}-mcp`, { template }));
}

function patternsOf({ index, mcpIndex, roll }: Settings): readonly string[] {
  const suffix = roll === 'never' ? '' : '-*';
  return [index, ...(mcpIndex === undefined ? [] : [mcpIndex])].map((name) => name + suffix);
}
