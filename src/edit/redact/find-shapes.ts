import { cardsIn } from './cards.ts';
import { emailsIn } from './emails.ts';
import { JsonPlaces } from './json-places.ts';
import type { Layer } from './layer.ts';
import { loginsIn } from './logins.ts';
import { isMark } from './marks.ts';
import { type Pass, remember } from './plan.ts';
import { type Span, span } from './spans.ts';
import type { TextKind } from './text-kind.ts';

/** What is known by its shape alone: logins, addresses, cards, what a pattern matches. */
export function byShape(
  text: string,
  kind: TextKind,
  pass: Pass,
  layers: readonly Layer[],
  spans: Span[],
): void {
  const { plan } = pass;
  const add = (from: number, to: number): void => {
    const value = text.slice(from, to);
    if (!isMark(value)) spans.push(span(from, to, plan.mark(value)));
  };
  const hasAt = (plan.email || plan.secrets) && text.includes('@');
  const loginEnds = new Set<number>();
  if (plan.secrets && hasAt)
    loginsIn(text, kind.isText, (from, to) => {
      loginEnds.add(to);
      addLogin(text.slice(from, to), pass);
      add(from, to);
    });
  if (plan.email && hasAt)
    emailsIn(text, kind, (from, to, at) => {
      if (!loginEnds.has(at)) add(from, to);
    });
  if (plan.cards) byCards(text, kind, pass, layers, spans);
  for (const pattern of plan.patterns) pattern(text, add);
}

function addLogin(login: string, pass: Pass): void {
  const password = login.slice(login.indexOf(':') + 1);
  if (!isMark(login)) remember(pass, password, pass.plan.mark(password));
}

function byCards(
  text: string,
  kind: TextKind,
  pass: Pass,
  layers: readonly Layer[],
  spans: Span[],
): void {
  const { plan } = pass;
  const json = new JsonPlaces(text);
  const strings = layers.filter(({ isString }) => isString);
  let string = 0;
  cardsIn(text, kind.isCut, (from, to) => {
    // It is found there, where its place is known.
    while (string < strings.length && (strings[string]?.to ?? 0) <= from) string++;
    if ((strings[string]?.from ?? text.length) <= from) return;
    const put = plan.mark(text.slice(from, to));
    const isNumber = json.isNumber(from, to);
    spans.push(span(from, to, isNumber ? (plan.isRemoving ? 'null' : `"${put}"`) : put));
  });
}
