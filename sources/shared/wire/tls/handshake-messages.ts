/** Of the messages that are looked at: the answer to extensions, the end of the handshake, and new keys (RFC 8446, 4). */
export const message = { encryptedExtensions: 8, finished: 20, keyUpdate: 24 };

const headLength = 4;
/** Of a message whose content is kept. */
const longestKept = 4096;

/** Messages of one side's handshake out of records, which they need not keep to. What is not looked at is skipped, however long. */
export class HandshakeMessages {
  #head = Buffer.alloc(0);
  #left = 0;
  #type = 0;
  #body: Buffer[] = [];

  /** Gives the messages that end here, in their order, and the content of `encryptedExtensions`. */
  read(bytes: Buffer): readonly { readonly type: number; readonly body: Buffer }[] {
    const found: { type: number; body: Buffer }[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#left === 0) {
        const wanted = headLength - this.#head.length;
        this.#head = Buffer.concat([this.#head, bytes.subarray(at, at + wanted)]);
        at += wanted;
        if (this.#head.length < headLength) break;
        this.#type = this.#head[0] as number;
        this.#left = this.#head.readUIntBE(1, 3);
      }
      const part = bytes.subarray(at, at + this.#left);
      at += part.length;
      this.#left -= part.length;
      const isKept = this.#type === message.encryptedExtensions;
      if (isKept && this.#body.reduce((sum, each) => sum + each.length, 0) < longestKept)
        this.#body.push(Buffer.from(part));
      if (this.#left > 0) break;
      found.push({ type: this.#type, body: Buffer.concat(this.#body) });
      this.#head = Buffer.alloc(0);
      this.#body = [];
    }
    return found;
  }
}
