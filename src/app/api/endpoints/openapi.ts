import { verbatim } from '../../../operate/json.ts';
import { answered, type Endpoint } from '../endpoint.ts';
import { openApi } from '../openapi.ts';

/** What the API is, said by itself. */
export const openApiEndpoint = (endpoints: () => readonly Endpoint[]): Endpoint => ({
  method: 'GET',
  path: '/openapi.json',
  role: 'viewer',
  id: 'show-openapi',
  tag: 'API',
  summary: 'This description of the API.',
  answer: { description: 'An OpenAPI 3.1 document.', schema: { type: 'object' } },
  needsRedis: false,
  handle: () => answered(verbatim(JSON.stringify(openApi(endpoints())))),
});
