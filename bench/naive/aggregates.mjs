/** Counts records by hour, organisation and dimension in memory, batch by batch, and adds them to rows of PostgreSQL. */
export async function openAggregates({ connection_string: dsn }) {
  const { default: pg } = await import('pg');
  const { host, port, user, dbname } = Object.fromEntries(
    dsn.split(' ').map((pair) => pair.split('=')),
  );
  const pool = new pg.Pool({ host, port: Number(port), user, database: dbname, max: 1 });
  const typed = columns.map((name) => `${name} ${texts.includes(name) ? 'text' : 'bigint'}`);
  await pool.query(
    `CREATE TABLE IF NOT EXISTS tyk_aggregated (id text PRIMARY KEY, ${typed.join(', ')})`,
  );
  const sums = columns.filter((name) => !texts.includes(name));
  const added = sums.map((name) => `${name} = tyk_aggregated.${name} + excluded.${name}`);
  return {
    async write(records) {
      const rows = [...fold(records)].sort(([one], [other]) => (one < other ? -1 : 1));
      for (let at = 0; at < rows.length; at += 1_000) {
        const part = rows.slice(at, at + 1_000);
        const width = columns.length + 1;
        const places = part.map(
          (_, row) =>
            `(${Array.from({ length: width }, (__, column) => `$${row * width + column + 1}`)})`,
        );
        await pool.query(
          `INSERT INTO tyk_aggregated (id, ${columns.join(', ')}) VALUES ${places.join(', ')} ON CONFLICT (id) DO UPDATE SET ${added.join(', ')}`,
          part.flatMap(([id, row]) => [id, ...columns.map((name) => row[name])]),
        );
      }
    },
    close: () => pool.end(),
  };
}

const texts = ['org_id', 'dimension', 'dimension_value'];
const columns = [
  ...['org_id', 'dimension', 'dimension_value', 'timestamp'],
  ...['counter_hits', 'counter_success', 'counter_error', 'counter_total_request_time'],
  ...['counter_total_latency', 'counter_total_upstream_latency'],
];

function fold(records) {
  const rows = new Map();
  for (const record of records) {
    if (record.MCPStats?.IsMCP || record.GraphQLStats?.IsGraphQL) continue;
    const hour = Math.floor(record.TimeStamp.getTime() / 3_600_000) * 3_600;
    for (const [dimension, value] of dimensionsOf(record)) {
      const id = `${hour}${record.OrgID}${dimension}${value}`;
      let row = rows.get(id);
      if (row === undefined) {
        row = Object.fromEntries(columns.map((name) => [name, 0]));
        Object.assign(row, { org_id: record.OrgID, dimension, dimension_value: value });
        row.timestamp = hour;
        rows.set(id, row);
      }
      row.counter_hits += 1;
      if (record.ResponseCode < 300) row.counter_success += 1;
      if (record.ResponseCode >= 400) row.counter_error += 1;
      row.counter_total_request_time += record.RequestTime;
      row.counter_total_latency += record.Latency?.Total ?? 0;
      row.counter_total_upstream_latency += record.Latency?.Upstream ?? 0;
    }
  }
  return rows;
}

function dimensionsOf(record) {
  const key = `${record.APIID}:${record.Path}`;
  return [
    ['', 'total'],
    ['apiid', record.APIID],
    ['versions', `${record.APIID}:${record.APIVersion}`],
    ['apikeys', record.APIKey],
    ['endpoints', record.Path],
    ['keyendpoints', `${record.APIKey}.${key}`],
    ['apiendpoints', key],
    ...(record.ResponseCode >= 400 ? [['errors', String(record.ResponseCode)]] : []),
    ...(record.OauthID === '' ? [] : [['oauthids', record.OauthID]]),
    ...(record.OauthID === '' ? [] : [['oauthendpoints', `${record.OauthID}.${key}`]]),
    ...(record.Geo?.Country?.ISOCode ? [['geo', record.Geo.Country.ISOCode]] : []),
  ];
}
