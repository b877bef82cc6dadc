/** What was read is not HTTP/1.1. The message says what is wrong, never what was there. */
export class Malformed extends Error {
  /** It may be well formed, but is larger than what is read here. */
  readonly isTooLarge: boolean;

  constructor(message: string, isTooLarge = false) {
    super(message);
    this.name = 'Malformed';
    this.isTooLarge = isTooLarge;
  }
}
