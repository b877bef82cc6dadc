import { readFile } from 'node:fs/promises';
import {
  ApiModel,
  Baseline,
  decodeModel,
  ModelFileError,
  resolvedModel,
  usualBounds,
  ViolationBook,
} from '#model';
import { OpeningFailure, type PumpContext, StartError, unlessAborted } from '#pump';
import { verdictOf } from '../shared/files/failure.ts';
import type { Options } from './options.ts';
import { createPage } from './page.ts';
import { type Kept, ModelSink } from './sink.ts';
import { fileStore } from './store.ts';

/** Reads the model that is there, and the baseline. A file that is something else is left as it is, and the route waits. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<ModelSink> {
  const store = fileStore(options.path, options.file_mode);
  const bounds = {
    ...usualBounds,
    hosts: options.max_hosts,
    pathNodes: options.max_paths,
    places: options.max_places,
    bodyBytes: options.max_body,
  };
  const text = await fromDisk(async () => {
    await store.probe();
    return store.read();
  }, signal);
  const decode = (found: string | undefined): Kept =>
    found === undefined
      ? { model: new ApiModel(bounds), violations: new ViolationBook() }
      : decodeModel(found, bounds);
  const kept = unlessForeign('path', options.path, () => decode(text));
  const baseline = await baselineOf(options, signal);
  if (text !== undefined)
    context.log.info(
      { file: options.path, calls: kept.model.calls },
      'The model was read; it goes on.',
    );
  const page = createPage(kept);
  const unmount = options.page === '' ? () => undefined : context.mount(options.page, page);
  return new ModelSink({ kept, baseline, store, decode, context, unmount });
}

async function baselineOf(
  { baseline }: Options,
  signal: AbortSignal,
): Promise<Baseline | undefined> {
  if (baseline === '') return undefined;
  const text = await fromDisk(() => readFile(baseline, 'utf8'), signal);
  const { model } = unlessForeign('baseline', baseline, () => decodeModel(text));
  return new Baseline(resolvedModel(model));
}

/** What the file system says is why the route waits, and what it tries again. */
async function fromDisk<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    const done = await unlessAborted(
      work().then((value) => ({ value })),
      undefined,
      signal,
    );
    if (done !== undefined) return done.value;
  } catch (error) {
    const verdict = verdictOf(error);
    throw verdict.outcome === 'delivered' ? error : new OpeningFailure(verdict.failure);
  }
  signal.throwIfAborted();
  throw new StartError('the files of the model could not be read');
}

/** A file that is something else is what somebody named by mistake. */
function unlessForeign<T>(option: string, path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    throw new StartError(
      `${option} ${path} is not a model: ${error.message}. Name another file, or move this one away`,
    );
  }
}
