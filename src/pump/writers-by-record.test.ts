/* eslint-disable @typescript-eslint/no-deprecated -- what plugins written for apiVersion 1 go on using */
import { describe, expect, it } from 'vitest';
import * as kit from '#pump';
import { anEntry } from '#pump/testing';

const { record } = anEntry({ path: '/pets', tags: ['a'] });

function written(write: (out: kit.ByteWriter) => void): string {
  const out = new kit.ByteWriter();
  write(out);
  return out.view().toString();
}

describe('what the kit of apiVersion 1 had for writing', () => {
  it('writes JSON as a writer does, in each shape it is given', () => {
    const short: kit.Shape = [{ key: 'path', value: { form: 'text', field: 'path' } }];

    for (const shape of [kit.fullShape, short, kit.fullShape])
      expect(written((out) => kit.writeJson(shape, record, out))).toBe(
        written((out) => kit.jsonWriter(shape)(record, out)),
      );
  });

  it('writes rows as a writer does', () => {
    for (const columns of [kit.fullCsvColumns, kit.guardedCsvColumns])
      expect(written((out) => kit.writeCsvRow(columns, record, out))).toBe(
        written((out) => kit.csvWriter(columns)(record, out)),
      );
  });

  it('writes Go’s text as a writer does', () => {
    expect(written((out) => kit.writeGoText(record, out))).toBe(
      written((out) => kit.goTextWriter()(record, out)),
    );
  });

  it('writes points as a writer does', () => {
    const shape: kit.PointShape = {
      measurement: 'calls',
      tags: { path: { form: 'text', field: 'path' } },
      fields: { code: { form: 'integer', field: 'response_code' } },
    };

    expect(written((out) => kit.createPointWriter(shape, 'tyk')(record, '17', out))).toBe(
      written((out) => kit.pointWriter(shape, 'tyk')(record, '17', out)),
    );
  });
});
