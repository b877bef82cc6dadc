/** What an open console asks again and again: a path below /api/v1, and after how many milliseconds. A test holds it to the real page. */
export const consoleRequests = [
  { path: '/overview', every: 2_000 },
  { path: '/history', every: 10_000 },
] as const;
