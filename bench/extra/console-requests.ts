/** What the console asks again and again while the page of a route is open: a path below /api/v1, and after how many milliseconds. */
export const consoleRequests = [
  { path: '/overview', every: 2_000 },
  { path: '/history', every: 10_000 },
  { path: '/dead-letters/reasons', every: 10_000 },
] as const;
