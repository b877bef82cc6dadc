declare const unit: unique symbol;

/** A duration, or a wall-clock time since the epoch, in milliseconds. */
export type Millis = number & { readonly [unit]: 'ms' };
/** A size in bytes. */
export type Bytes = number & { readonly [unit]: 'bytes' };

export const millis = (value: number): Millis => value as Millis;
export const seconds = (value: number): Millis => (value * 1000) as Millis;
export const bytes = (value: number): Bytes => value as Bytes;
export const mebibytes = (value: number): Bytes => (value * 1024 * 1024) as Bytes;
