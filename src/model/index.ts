/** The door of the API model, as `#model`: for the pump of that name. Nothing of it is loaded by a service without one. */
export { type Loss, losses, usualBounds } from './bounds.ts';
export { callOf } from './calls/from-record.ts';
export { ViolationBook } from './compare/violation-book.ts';
export { Baseline, type Violation, violationKind, violationKinds } from './compare/violations.ts';
export { ApiModel } from './model.ts';
export { openapiOf } from './output/openapi.ts';
export { resolvedModel } from './output/resolved-model.ts';
export { summaryOf } from './output/summary.ts';
export { decodeModel } from './state/decode.ts';
export { encodeModel } from './state/encode.ts';
export { ModelFileError } from './state/reader.ts';
