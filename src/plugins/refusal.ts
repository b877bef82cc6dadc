/** Why a plugin is not used, in the words of a problem. */
export interface Refusal {
  readonly outcome: 'refused';
  readonly found: string;
  readonly expected: string;
}

export const refusal = (found: string, expected: string): Refusal => ({
  outcome: 'refused',
  found,
  expected,
});
