import { alerts } from './alerts.ts';

export type AlertFacts = (typeof alerts)[number];

export const alertNames = (): readonly string[] => alerts.map(({ name }) => name);

/** Of an alert that comes with Sluice, as it is called in a page, in any letter case. */
export const alertFacts = (said: string): AlertFacts | undefined =>
  alerts.find(({ name }) => name.toLowerCase() === said.toLowerCase());

export const alertPage = ({ name, severity, summary, description, expr, runbook }: AlertFacts) => [
  `${name} (${severity})`,
  `  ${summary}`,
  `  ${description}`,
  `  fires:     ${expr.replaceAll(/\s+/g, ' ')}`,
  `  runbook:   ${runbook}`,
];
