import { type Finding, levels } from '../../operate/doctor/finding.ts';

/** The worst last, where the eye is when the command ends; without `all` what is as it should be is only counted. */
export function findingLines(
  findings: readonly Finding[],
  { all }: { readonly all: boolean },
): readonly string[] {
  const shown = levels.flatMap((level) =>
    level === 'ok' && !all ? [] : findings.filter((finding) => finding.level === level),
  );
  const count = (level: Finding['level']): number =>
    findings.filter((finding) => finding.level === level).length;
  return [
    ...shown.flatMap(linesOf),
    `${count('ok')} as they should be, ${counted(count('note'), 'note')}, ${counted(count('warning'), 'warning')}, ${counted(count('error'), 'error')}`,
  ];
}

const linesOf = ({ check, subject, level, what, why, remedy }: Finding): readonly string[] => [
  `${level}: ${check}${subject === undefined ? '' : ` (${subject})`}: ${what}`,
  ...(why === undefined ? [] : [`  why: ${why}`]),
  ...(remedy === undefined ? [] : [`  do:  ${remedy}`]),
];

const counted = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;
