/**
 * What follows a name anywhere in a text, without knowing its format: `"name": value`, `name=value`, `name: value`,
 * `<name>value</name>`, `name="name" value="value"`. A format that is cut off, broken or wrapped in another is so read as
 * well as a whole one.
 */
export interface NamedValue {
  /** The value, without its quotes. */
  readonly from: number;
  readonly to: number;
  /** `json`: a value without quotes of JSON, whose place takes a JSON string. */
  readonly form: 'text' | 'json';
  /** The member, with its name: what goes where values are removed. */
  readonly memberFrom: number;
  readonly memberTo: number;
  readonly separator: '' | ',' | '&';
}

export const none = { memberFrom: 0, memberTo: 0, separator: '' } as const;

export const value = (
  from: number,
  to: number,
  form: NamedValue['form'],
  member: Pick<NamedValue, 'memberFrom' | 'memberTo' | 'separator'>,
): NamedValue | undefined => (to > from ? { from, to, form, ...member } : undefined);
