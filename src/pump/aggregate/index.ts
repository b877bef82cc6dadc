/** Aggregates of records, as the databases keep them that a dashboard reads (tyk-pump.md, "Aggregates"). */
export { bucketStart, type TimeId, timeIdOf } from './bucket.ts';
export { type Counter, type Hit, meanOf, OpenCounter } from './counter.ts';
export {
  type Dimension,
  dimensionNames,
  totalDimension,
  totalValue,
  type Variant,
} from './dimensions.ts';
export {
  type Aggregate,
  createFold,
  type Fold,
  type FoldOptions,
  isFolded,
  type Tally,
} from './fold.ts';
