import type { FieldTable } from '../../sources/egress/read/field-table.ts';
import * as tables from '../../sources/egress/read/field-table.ts';

/** Where the fields of each table stand, as people write them. */
const places: readonly (readonly [string, readonly (readonly [string, FieldTable])[]])[] = [
  [
    'fields of ServiceEntry',
    [
      ['', tables.serviceEntryFields],
      ['ports[].', tables.portFields],
      ['endpoints[].', tables.endpointFields],
    ],
  ],
  [
    'fields of DestinationRule',
    [
      ['', tables.destinationRuleFields],
      ['trafficPolicy.', tables.trafficPolicyFields],
      ['trafficPolicy.tls.', tables.tlsFields],
      ['trafficPolicy.loadBalancer.', tables.loadBalancerFields],
      ['trafficPolicy.connectionPool.tcp.', tables.tcpPoolFields],
      ['trafficPolicy.connectionPool.http.', tables.httpPoolFields],
      ['trafficPolicy.outlierDetection.', tables.outlierFields],
    ],
  ],
  [
    'fields of EgressNetwork',
    [
      ['', tables.egressNetworkFields],
      ['networks[].', tables.networkFields],
    ],
  ],
  [
    'fields of the short form',
    [
      ['', tables.shortFormFields],
      ['entries[].', tables.shortEntryFields],
    ],
  ],
];

/** The tables of sources/egress/README.md by the names of their markers. */
export const egressTables = (): Readonly<Record<string, string>> =>
  Object.fromEntries(places.map(([name, parts]) => [name, tableOf(parts)]));

function tableOf(parts: readonly (readonly [string, FieldTable])[]): string {
  const rows = parts.flatMap(([before, table]) =>
    Object.entries(table).map(
      ([field, { fate, words }]) => `| \`${before}${field}\` | ${fate} | ${words} |`,
    ),
  );
  return ['| Field | Fate | |', '| --- | --- | --- |', ...rows].join('\n');
}
