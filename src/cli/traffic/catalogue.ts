/** What the synthetic traffic is about: a small company's gateway. */
export interface Api {
  readonly name: string;
  readonly id: string;
  readonly listenPath: string;
  readonly version: string;
  /** `:id` stands for a number. */
  readonly paths: readonly [string, ...string[]];
  readonly kind: 'rest' | 'graphql' | 'mcp';
}

export const orgId = '6f2c41d0a98b3e0001c7d5ea';

const rest = (name: string, id: string, resources: readonly [string, ...string[]]): Api => ({
  name: `${name} API #${id}`,
  id: id.padEnd(32, '0'),
  listenPath: `/${name.toLowerCase()}/`,
  version: 'v2',
  paths: resources,
  kind: 'rest',
});

/** Twice where there is more traffic. */
const orders = rest('Orders', 'a1', ['/orders', '/orders/:id', '/orders/:id/items']);
const catalogue = rest('Catalogue', 'b2', ['/products', '/products/:id', '/search']);

export const apis: readonly [Api, ...Api[]] = [
  orders,
  orders,
  orders,
  catalogue,
  catalogue,
  catalogue,
  rest('Payments', 'c3', ['/payments', '/payments/:id/refunds']),
  rest('Customers', 'd4', ['/customers/:id', '/customers/:id/addresses']),
  rest('Shipments', 'e5', ['/shipments/:id', '/shipments/:id/track']),
  rest('Sessions', 'f6', ['/login', '/refresh']),
  { ...rest('Storefront', '17', ['/query']), kind: 'graphql' },
  { ...rest('Assistant', '28', ['/mcp']), kind: 'mcp' },
];

export const methods = ['GET', 'GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'] as const;

export const statuses = [
  200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 201, 201, 204, 304, 400, 401,
  403, 404, 404, 429, 500, 502,
] as const;

export const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0',
  'okhttp/4.12.0',
  'python-requests/2.32.3',
  'curl/8.5.0',
] as const;

export interface Place {
  readonly country: string;
  readonly city: string;
  readonly geonameId: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly timeZone: string;
}

const place = (
  country: string,
  city: string,
  geonameId: number,
  at: readonly [latitude: number, longitude: number],
  timeZone: string,
): Place => ({ country, city, geonameId, latitude: at[0], longitude: at[1], timeZone });

export const places: readonly [Place, ...Place[]] = [
  place('GB', 'London', 2643743, [51.5085, -0.1257], 'Europe/London'),
  place('DE', 'Berlin', 2950159, [52.5244, 13.4105], 'Europe/Berlin'),
  place('BR', 'São Paulo', 3448439, [-23.5475, -46.6361], 'America/Sao_Paulo'),
  place('SG', 'Singapore', 1880252, [1.2897, 103.8501], 'Asia/Singapore'),
  place('US', 'New York', 5128581, [40.7143, -74.006], 'America/New_York'),
];
