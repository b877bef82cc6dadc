import type { Settings } from './settings.ts';
import { type Dialect, hasTypes } from './version.ts';

/** How a template of ours is looked for and made. */
export interface TemplateRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const keyword = { type: 'keyword', ignore_above: 1_024 };
/** Paths can be long; above 32,766 bytes the server would refuse the whole document. */
const longKeyword = { type: 'keyword', ignore_above: 8_191 };

/** Mappings that suit Kibana. What does not fit a field is kept in the document and not indexed. */
function properties({ decodeBase64 }: Pick<Settings, 'decodeBase64'>): object {
  // Base64 is not worth searching; text is.
  const raw = decodeBase64
    ? { type: 'text', norms: false }
    : { type: 'keyword', index: false, doc_values: false };
  return {
    '@timestamp': { type: 'date' },
    alias: keyword,
    api_id: keyword,
    api_key: keyword,
    api_name: keyword,
    api_version: keyword,
    content_length: { type: 'long' },
    http_method: keyword,
    ip_address: { type: 'ip', ignore_malformed: true },
    mcp_method: keyword,
    mcp_primitive_name: longKeyword,
    mcp_primitive_type: keyword,
    oauth_id: keyword,
    org_id: keyword,
    raw_request: raw,
    raw_response: raw,
    request_time_ms: { type: 'long' },
    request_uri: longKeyword,
    request_uri_full: longKeyword,
    response_code: { type: 'integer', ignore_malformed: true },
    tags: keyword,
    user_agent: longKeyword,
  };
}

/** The templates for the indices of these settings; none where the server's version has none that we write. */
export function templateRequests(
  name: string,
  settings: Settings,
  dialect: Dialect,
): readonly TemplateRequest[] {
  const { product, major, minor } = dialect;
  if (product === 'elasticsearch' && major < 5) return [];
  const isComposable = product === 'opensearch' || major > 7 || (major === 7 && minor >= 8);
  const patterns = patternsOf(settings);
  const mappings = { properties: properties(settings) };
  if (isComposable)
    return [
      {
        path: `/_index_template/${encodeURIComponent(name)}`,
        body: {
          index_patterns: patterns,
          // Above the server's own templates, which have 100.
          priority: 200,
          template: { mappings },
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
