import { explain } from '../../lib/errors.ts';
import { visible } from '../../lib/visible.ts';
import { diffOf } from '../../model/compare/diff.ts';
import { merged } from '../../model/merge.ts';
import { openapiOf } from '../../model/output/openapi.ts';
import { resolvedModel } from '../../model/output/resolved-model.ts';
import { summaryOf } from '../../model/output/summary.ts';
import { decodeModel } from '../../model/state/decode.ts';
import { encodeModel } from '../../model/state/encode.ts';
import { ModelFileError } from '../../model/state/reader.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { summaryInJson, violationsInJson } from './in-json.ts';
import { changeLines, summaryLines, violationLines } from './lines.ts';

type ModelCommand = Extract<Command, { kind: 'model' }>;

interface ModelTools {
  readonly readFile: (path: string) => Promise<string>;
}

/** `sluice model`: what the pump of that name has learned, what changed since, and what is not as it was. */
export async function model(
  command: ModelCommand,
  context: CommandContext,
  { readFile }: ModelTools,
): Promise<ExitCode> {
  const { stdout } = context;
  const { json } = command.flags;
  if (command.action === 'merge') return printMerged(command.files, context, readFile);
  const found = await readOrSay(command.file, context, readFile);
  switch (command.action) {
    case 'show':
      if (found === undefined) return 1;
      if (command.flags.openapi) {
        const description = openapiOf(resolvedModel(found.model), command.flags.title);
        stdout.write(`${visible(JSON.stringify(description))}\n`);
      } else if (json) printJson(stdout, summaryInJson(summaryOf(found.model)));
      else print(context, summaryLines(summaryOf(found.model)));
      return 0;
    case 'violations': {
      if (found === undefined) return 1;
      const { violations } = found;
      const kinds = violations.sorted();
      if (json) printJson(stdout, violationsInJson(kinds, violations.others));
      else print(context, violationLines(kinds, violations.others));
      return kinds.length === 0 ? 0 : 1;
    }
    case 'diff': {
      const old = await readOrSay(command.old, context, readFile);
      if (found === undefined || old === undefined) return 1;
      const changes = diffOf(resolvedModel(old.model), resolvedModel(found.model));
      const isBreaking = changes.some((change) => change.isBreaking);
      if (json) printJson(stdout, { isBreaking, changes });
      else print(context, changeLines(changes));
      return isBreaking ? 1 : 0;
    }
    default:
      return command satisfies never;
  }
}

/** The file of one model that has what all of them have. */
async function printMerged(
  files: readonly string[],
  context: CommandContext,
  readFile: ModelTools['readFile'],
): Promise<ExitCode> {
  const found = await Promise.all(files.map((file) => readOrSay(file, context, readFile)));
  const parts = found.filter((each) => each !== undefined);
  if (parts.length < files.length) return 1;
  const { model: whole, violations } = merged(parts);
  context.stdout.write(`${encodeModel(whole, violations)}\n`);
  return 0;
}

function print({ stdout }: CommandContext, lines: readonly string[]): void {
  for (const line of lines) stdout.write(`${line}\n`);
}

async function readOrSay(
  file: string,
  { stderr }: CommandContext,
  readFile: ModelTools['readFile'],
): Promise<ReturnType<typeof decodeModel> | undefined> {
  try {
    return decodeModel(await readFile(file));
  } catch (error) {
    const isOther = error instanceof ModelFileError;
    const reason = isOther ? `it is not a model: ${error.message}` : explain(error);
    stderr.write(`error: ${visible(`${file}: ${reason}`)}\n`);
    return undefined;
  }
}
