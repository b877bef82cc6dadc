/** Where tables lie in the memory of stretch.as.ts, and words that all its files have. */

/** By ASCII: the escape of JSON, its size in the last of eight bytes; 0: none. The host fills these tables once. */
export const escapesAt: u32 = 1024;
/** Three digits of each number below 1,000, and a byte. */
export const triplesAt: u32 = 2048;
/** The name of each month from 0 to 12, its size in the last of 16 bytes. */
export const monthsAt: u32 = 6144;
/** By first byte the size of an integer, and of the length of a text. */
export const integersAt: u32 = 6400;
export const textWidthsAt: u32 = 6656;
/** The host's own from here on. */
export const freeAt: u32 = 6912;

// Why it stopped before a record, in place of an address: an exception, or a time of another second than its cell has the text of.
export const exception: u32 = 1;
export const turned: u32 = 3;

export const nil: u32 = 0xc0;
