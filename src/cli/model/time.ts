/** Milliseconds as a time in UTC; '' where a date cannot hold them: records come with any. */
export const timeOf = (millis: number): string =>
  Number.isFinite(millis) && Math.abs(millis) < 8.64e15 ? new Date(millis).toISOString() : '';
