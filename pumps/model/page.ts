import { type ApiModel, openapiOf, resolvedModel, summaryOf, type ViolationBook } from '#model';
import type { PageHandler } from '#pump';

/** The model as JSON: its operations, with `?as=openapi` as a description, with `?as=violations` what was not as the baseline says. */
export function createPage(model: ApiModel, violations: ViolationBook): PageHandler {
  return (request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const shown = shownAs(searchParams.get('as') ?? '', model, violations);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.statusCode = shown === undefined ? 400 : 200;
    const body = shown ?? { error: 'as is an unknown word, expected openapi or violations' };
    response.end(`${JSON.stringify(body, undefined, 2)}\n`);
  };
}

function shownAs(as: string, model: ApiModel, violations: ViolationBook): unknown {
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
