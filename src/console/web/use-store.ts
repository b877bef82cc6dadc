import { useEffect, useState } from 'preact/hooks';
import { look } from './api.ts';
import { type Seen, store } from './store.ts';

export function useSeen(): Seen {
  const [seen, setSeen] = useState(store.seen);
  useEffect(() => {
    setSeen(store.seen);
    return store.listen(setSeen);
  }, []);
  return seen;
}

export interface Asked<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
  readonly isLoading: boolean;
  readonly again: () => void;
}

/** Asks when the page opens and when `again` is called, and every `every` milliseconds while the page can be seen. */
export function useLook<T>(path: string | undefined, every?: number): Asked<T> {
  const [state, setState] = useState<
    Omit<Asked<T>, 'again'> & { readonly path: string | undefined }
  >({
    value: undefined,
    problem: undefined,
    isLoading: true,
    path,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (path === undefined) return undefined;
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      if (document.visibilityState === 'visible') {
        try {
          const value = await look<T>(path, over.signal);
          setState({ value, problem: undefined, isLoading: false, path });
        } catch (error) {
          if (over.signal.aborted) return;
          const problem = error instanceof Error ? error.message : String(error);
          setState((before) => ({ ...before, problem, isLoading: false, path }));
        }
      }
      if (every !== undefined && !over.signal.aborted) timer = setTimeout(() => void ask(), every);
    };
    setState((before) =>
      before.path === path
        ? { ...before, isLoading: true }
        : { value: undefined, problem: undefined, isLoading: true, path },
    );
    void ask();
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [path, round, every]);
  const { value, problem, isLoading } = state;
  return { value, problem, isLoading, again: () => setRound((last) => last + 1) };
}
