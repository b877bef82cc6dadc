import { describe, expect, it } from 'vitest';
import { treatments } from './cell.ts';
import { treated } from './treatment.ts';

const entries = { csv: { type: 'csv', meta: { csv_dir: '/x' } } };

describe('what a route does with each record', () => {
  it('is nothing unless it is asked for', () => {
    expect(treated(entries, undefined)).toEqual(entries);
  });

  it.each(treatments.filter((one) => one !== 'none'))('stands in every entry (%s)', (treatment) => {
    const { csv } = treated(entries, treatment);

    expect(csv).toMatchObject(entries.csv);
    expect(csv).not.toEqual(entries.csv);
  });
});
