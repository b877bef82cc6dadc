import { credentials } from './session.ts';

/** Why the API did not do what was asked. `status` 0: it was not reached at all. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/** Longer than any answer of the API may take. */
const patience = 30_000;

async function ask(path: string, init: RequestInit): Promise<Response> {
  const authorization = credentials();
  let response: Response;
  try {
    response = await fetch(`api/v1${path}`, {
      ...init,
      // The browser asks nobody for a password by itself, and sends none that it was told elsewhere.
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      headers: {
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
  } catch (error) {
    if (
      init.signal?.aborted === true &&
      error instanceof DOMException &&
      error.name === 'AbortError'
    )
      throw error;
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError(0, isLate ? 'there was no answer in time' : 'the service cannot be reached');
  }
  if (!response.ok) throw new ApiError(response.status, await reasonIn(response));
  return response;
}

/** In the words of the API, where they are its. */
async function reasonIn(response: Response): Promise<string> {
  try {
    const { detail } = (await response.json()) as { readonly detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // Somebody else answered.
  }
  return `the answer was ${response.status} ${response.statusText}`.trim();
}

export async function look<T>(path: string, signal?: AbortSignal): Promise<T> {
  const late = AbortSignal.timeout(patience);
  const response = await ask(path, {
    signal: signal === undefined ? late : AbortSignal.any([signal, late]),
  });
  return (await response.json()) as T;
}

export async function change<T>(path: string, body?: object): Promise<T> {
  const response = await ask(path, {
    method: 'POST',
    signal: AbortSignal.timeout(patience),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
}

/** Lines of JSON as they come, until the stream or the signal ends it. */
export async function* lines(path: string, signal: AbortSignal): AsyncGenerator {
  const { body } = await ask(path, { signal });
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line !== '') yield JSON.parse(line) as unknown;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Half a character, as strangers write it, cannot stand in an address. */
export const pathPart = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
