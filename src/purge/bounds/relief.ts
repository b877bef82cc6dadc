/**
 * Takes ranges of a route that lags off Redis without losing them: implemented by src/spill, which moves them to disk.
 * Asked at the bound on retained bytes, before anything is dropped.
 */
export interface Relief {
  /**
   * Moves the route's ranges of a list up to an entry. Returns at once; the work goes on beside. `cannot`: the disk is
   * full or failed; `not-ours`: this process does not have the route.
   */
  relieve(route: string, list: string, upTo: string): 'under-way' | 'cannot' | 'not-ours';
  /** The route has ranges elsewhere that come before those in Redis, which therefore stand still. */
  hasBacklog(route: string): boolean;
}
