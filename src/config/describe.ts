import { defaultText } from './options/default-text.ts';
import { type Leaf, leavesOf } from './options/leaves.ts';
import type { Option, OptionSet } from './options/option.ts';

/** A set of options as a Markdown table. Variables are shown behind `envPrefix`; empty: without a column for them. */
export function describeOptions(options: OptionSet, envPrefix = ''): string {
  const hasVariables = envPrefix !== '';
  const columns = ['Option', ...(hasVariables ? ['Variable'] : []), 'Value', 'Default', 'Meaning'];
  const rows = leavesOf(options)
    .flatMap(withRowMembers)
    .map(({ key, option, suffix }) => [
      code(key),
      ...(hasVariables ? [suffix === undefined ? '–' : code(`${envPrefix}_${suffix}`)] : []),
      option.expected,
      defaultOf(option),
      meaningOf(option),
    ]);
  return [columns, columns.map(() => '---'), ...rows].map(line).join('\n').concat('\n');
}

/** A list of objects is followed by the members of its rows, which have no variables. */
function withRowMembers(leaf: Leaf): readonly Leaf[] {
  if (leaf.option.kind !== 'rows' || leaf.option.members === undefined) return [leaf];
  const members = leavesOf(leaf.option.members)
    .flatMap(withRowMembers)
    .map((member) => ({ ...member, key: `${leaf.key}[].${member.key}`, suffix: undefined }));
  return [leaf, ...members];
}

function defaultOf(option: Option<unknown>): string {
  if (option.isRequired) return 'required';
  const text = defaultText(option);
  return text === undefined || text === '' ? '–' : code(text);
}

function meaningOf({ doc, aliases, withoutEffect }: Option<unknown>): string {
  const also = aliases.length === 0 ? '' : ` Also ${aliases.map(code).join(', ')}.`;
  const none = withoutEffect === undefined ? '' : ` No effect here: ${withoutEffect}.`;
  return doc + also + none;
}

const code = (text: string): string => `\`${text}\``;

const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
