/** What the operator has to mend; its message says it, and nothing was changed. */
export class KibanaProblem extends Error {}
