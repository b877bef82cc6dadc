/**
 * All that can be asked of the Admin API.
 *
 * To add something: a file in `endpoints/` that exports an `Endpoint` (endpoint.ts says what each member is), or a list of
 * them, and a line here. Then `npm run option-tables` writes it into `docs/openapi.json`, docs/api.md gets a row, and
 * `test/e2e/api.test.ts` fails until it has called the endpoint on a running service: its answer must be what the schema says.
 * What an endpoint looks at or acts on stands in `ApiParts` (parts.ts); the work itself is a function in `operate/`, so that a
 * command can do the same. Whoever may ask is decided before `handle` is called, by `role`; what `handle` is given was checked.
 */
import type { Endpoint } from './endpoint.ts';
import { configurationEndpoint } from './endpoints/configuration.ts';
import { deadLetterEndpoints } from './endpoints/dead-letters.ts';
import { historyEndpoint } from './endpoints/history.ts';
import { instancesEndpoint } from './endpoints/instances.ts';
import { listEndpoints } from './endpoints/lists.ts';
import { openApiEndpoint } from './endpoints/openapi.ts';
import { overviewEndpoint } from './endpoints/overview.ts';
import { reloadEndpoints } from './endpoints/reload.ts';
import { routeControlEndpoints } from './endpoints/route-controls.ts';
import { routeEndpoints } from './endpoints/routes.ts';
import { statusEndpoints } from './endpoints/status.ts';
import { tapEndpoint } from './endpoints/tap.ts';

export const endpoints: readonly Endpoint[] = [
  ...statusEndpoints,
  overviewEndpoint,
  historyEndpoint,
  instancesEndpoint,
  ...listEndpoints,
  ...routeEndpoints,
  ...routeControlEndpoints,
  ...deadLetterEndpoints,
  tapEndpoint,
  configurationEndpoint,
  ...reloadEndpoints,
  openApiEndpoint(() => endpoints),
];
