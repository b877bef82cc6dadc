/** How a route stands, in one word, a tone and a sentence: from the same facts everywhere. */
import type { Overview, RouteOverview } from './api-types.ts';
import { clockTime, duration, plural } from './format.ts';

/** Never said by a colour alone: each has a sign and a word besides. */
export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'paused';

export interface Standing {
  readonly tone: Tone;
  readonly word: string;
  /** Empty: there is nothing to add. */
  readonly sentence: string;
}

/** A claim that waits longer than this is more than a batch on its way. */
const lateAfter = 30;

export function standingOf({ here, books, missing, route }: RouteOverview, now: number): Standing {
  if (here === null) return { tone: 'idle', word: 'not here', sentence: missing ?? '' };
  const { state, sink, breaker, rates } = here;
  const reason = here.reason ?? '';
  const paused = books?.paused ?? null;
  if (state === 'paused' || paused !== null)
    return {
      tone: 'paused',
      word: 'paused',
      sentence:
        paused === null
          ? reason
          : `${paused.by === '' ? 'Somebody' : paused.by} paused it at ${clockTime(paused.at, now)}. Its records wait.`,
    };
  if (state === 'opening')
    return { tone: 'warn', word: 'opening', sentence: reason || 'The sink is being opened.' };
  if (state !== 'running')
    return { tone: 'idle', word: state, sentence: reason || `${route} is being stopped.` };
  if (breaker === 'half-open')
    return { tone: 'warn', word: 'trying again', sentence: reason || 'One batch tries the sink.' };
  if (sink.state === 'down' || breaker === 'open')
    return { tone: 'bad', word: 'down', sentence: reason || 'The sink does not take records.' };
  if (reason !== '') return { tone: 'warn', word: 'in trouble', sentence: reason };
  const lag = books?.lag_seconds ?? 0;
  if (lag > lateAfter)
    return {
      tone: 'warn',
      word: 'behind',
      sentence: `${plural(books?.pending ?? 0, 'record')} to go; the oldest has waited ${duration(lag)}.`,
    };
  return rates.delivered > 0
    ? { tone: 'good', word: 'delivering', sentence: '' }
    : { tone: 'good', word: 'up', sentence: 'There is nothing to deliver.' };
}

/** The whole in one line, worst first. */
export function wholeOf(
  { problem, claiming, holding, mode, routes }: Overview,
  now: number,
): Standing {
  if (problem !== null)
    return { tone: 'bad', word: 'Redis away', sentence: `Redis cannot be asked: ${problem}` };
  if (claiming.state === 'down')
    return { tone: 'bad', word: 'not claiming', sentence: claiming.reasons.join('; ') };
  const configured = routes.filter(({ pump }) => pump !== null);
  const standings = configured.map((route) => ({ name: route.route, ...standingOf(route, now) }));
  const named = (tone: Tone): string =>
    standings
      .filter((each) => each.tone === tone)
      .map(({ name }) => name)
      .join(', ');
  const bad = named('bad');
  if (bad !== '') return { tone: 'bad', word: 'sink down', sentence: `Down: ${bad}.` };
  if (holding)
    return {
      tone: 'bad',
      word: 'holding',
      sentence: 'Claiming pauses: the bound on retained bytes is reached.',
    };
  if (claiming.state !== 'up')
    return { tone: 'warn', word: claiming.state, sentence: claiming.reasons.join('; ') };
  const warn = named('warn');
  if (warn !== '') return { tone: 'warn', word: 'look here', sentence: `Not as usual: ${warn}.` };
  const paused = named('paused');
  if (paused !== '') return { tone: 'paused', word: 'paused', sentence: `Paused: ${paused}.` };
  return {
    tone: 'good',
    word: 'all well',
    sentence: mode === 'at-most-once' ? 'Records are popped: a crash loses what is in memory.' : '',
  };
}
