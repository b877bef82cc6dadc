/** The lines of a /metrics page that tell the story of the demo. */
const interesting = [
  'sluice_claimed_records_total',
  'sluice_claimed_bytes_total',
  'sluice_route_up',
  'sluice_records_total',
  'sluice_retries_total',
  'sluice_dead_letters_total',
  'sluice_delivery_duration_seconds_sum',
  'sluice_delivery_duration_seconds_count',
];

/** The page as series; undefined while nobody answers. */
export async function scrape(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return response.ok ? parseMetrics(await response.text()) : undefined;
  } catch {
    return undefined;
  }
}

function parseMetrics(page) {
  return page
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [
        label,
        text,
      ]);
      return { line, name, labels: Object.fromEntries(pairs), value: Number(value) };
    });
}

/** The sum of the series that match. */
export function total(series, name, labels = {}) {
  return series
    .filter((each) => each.name === name)
    .filter((each) => Object.entries(labels).every(([label, text]) => each.labels[label] === text))
    .reduce((sum, { value }) => sum + value, 0);
}

/** What a person wants to see of the page, a line each. */
export function summary(series) {
  return interesting.flatMap((name) =>
    series.filter((each) => each.name === name).map(({ line }) => line),
  );
}
