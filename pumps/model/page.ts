import { openapiOf, resolvedModel, summaryOf } from '#model';
import type { PageHandler } from '#pump';
import type { Kept } from './sink.ts';

/** The model as JSON: its operations, with `?as=openapi` as a description, with `?as=violations` what was not as the baseline says. */
export function createPage(kept: Readonly<Kept>): PageHandler {
  return (request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const shown = shownAs(searchParams.get('as') ?? '', kept);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.statusCode = shown === undefined ? 400 : 200;
    const body = shown ?? { error: 'as is an unknown word, expected openapi or violations' };
    response.end(`${JSON.stringify(body, undefined, 2)}\n`);
  };
}

function shownAs(as: string, { model, violations }: Readonly<Kept>): unknown {
  switch (as) {
    case '':
      return summaryOf(model);
    case 'openapi':
      return openapiOf(resolvedModel(model));
    case 'violations':
      return violations.toJson();
    default:
      return undefined;
  }
}
