import { TextMemo } from '../../record/memo/text-memo.ts';
import { type PathTemplates, pathTemplate } from '../../record/path-template.ts';
import type { AnalyticsRecord } from '../../record/record.ts';

/** The template of a record's path, as the prometheus pump shows it. */
export function pathTemplateOf(templates: PathTemplates): (record: AnalyticsRecord) => string {
  const shown = pathTemplate(templates);
  const memo = new TextMemo({ field: 'path', make: (record) => shown(record.text('path')) });
  return (record) => memo.of(record);
}
