import type { DeadLetterPile } from '../../route/dead-letters/desk.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import type { DeadDesk } from './desk.ts';

/** Which letters are meant; what is left out leaves all. */
export interface LetterChoice {
  /** In any letter case. */
  readonly route: string | undefined;
  readonly kind: string | undefined;
  readonly ids: readonly string[] | undefined;
  /** Undefined: no expression was said, and no letter need be read for it. */
  readonly holds: ((letter: DeadLetter) => boolean) | undefined;
}

/** So many letters are named in one call. */
const mostNamed = 1_000;

const pilesOf = async (
  desk: DeadDesk,
  { route }: LetterChoice,
): Promise<readonly DeadLetterPile[]> =>
  (await desk.piles()).filter(
    (pile) => route === undefined || pile.route.toLowerCase() === route.toLowerCase(),
  );

/** Pile by pile, oldest first. */
export async function* chosenLetters(
  desk: DeadDesk,
  choice: LetterChoice,
  signal: AbortSignal,
): AsyncGenerator<DeadLetter> {
  for (const pile of await pilesOf(desk, choice))
    for await (const letter of desk.list(pile)) {
      signal.throwIfAborted();
      if (isMeant(letter, choice)) yield letter;
    }
}

/** Retries or purges what is meant, as far as the signal lets it. Resolves with how many letters that was. */
export async function changeLetters(
  desk: DeadDesk,
  action: 'retry' | 'purge',
  choice: LetterChoice,
  signal: AbortSignal,
): Promise<number> {
  let done = 0;
  for (const pile of await pilesOf(desk, choice))
    for await (const ids of portions(desk, pile, choice)) {
      signal.throwIfAborted();
      done += await desk[action]({ ...pile, ids });
    }
  return done;
}

/** All are found before the first is changed: what goes moves the others. */
async function* portions(
  desk: DeadDesk,
  pile: DeadLetterPile,
  choice: LetterChoice,
): AsyncGenerator<'all' | readonly string[]> {
  const { ids, kind, holds } = choice;
  if (kind === undefined && holds === undefined) {
    yield ids ?? 'all';
    return;
  }
  const found: string[] = [];
  for await (const letter of desk.list(pile)) if (isMeant(letter, choice)) found.push(letter.id);
  for (let at = 0; at < found.length; at += mostNamed) yield found.slice(at, at + mostNamed);
}

const isMeant = (letter: DeadLetter, { kind, ids, holds }: LetterChoice): boolean =>
  (kind === undefined || letter.kind === kind) &&
  (ids === undefined || ids.includes(letter.id)) &&
  (holds === undefined || holds(letter));
