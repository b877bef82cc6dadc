import type { TextField } from '../../record/fields.ts';
import { ListMemo } from '../../record/memo/list-memo.ts';
import { TextMemo } from '../../record/memo/text-memo.ts';
import { Combinations } from './combinations.ts';
import { none, Texts } from './texts.ts';

/** The tags of these are the gateway's own. */
const ownPrefix = 'key-';

/**
 * The texts that were met, as numbers, and how they are found again by the bytes of a record: kept from batch to batch,
 * because paths and keys come again.
 */
export class Vocabulary {
  readonly texts = new Texts();
  readonly orgId = this.#memo('org_id');
  readonly apiId = this.#memo('api_id');
  readonly apiName = this.#memo('api_name');
  readonly apiVersion = this.#memo('api_version');
  readonly apiKey = this.#memo('api_key');
  readonly alias = this.#memo('alias');
  readonly oauthId = this.#memo('oauth_id');
  readonly country = this.#memo('geo.country.iso_code');
  readonly path = this.#memo('path');
  readonly mcpMethod = this.#memo('mcp_stats.jsonrpc_method');
  readonly mcpPrimitive = this.#memo('mcp_stats.primitive_type');
  readonly mcpName = this.#memo('mcp_stats.primitive_name');
  readonly tags: TagNumbers;
  readonly rootFields = new ListMemo({
    field: 'graphql_stats.RootFields',
    make: (text) => this.texts.of(text),
  });
  /** Base64 without padding, of an API's id and its version or a path. */
  readonly hashes = new Combinations(this.texts, (api, rest) => base64(`${api}:${rest}`));
  readonly versions = new Combinations(this.texts, (api, version) => `${api}:${version}`);
  readonly versionedPaths = new Combinations(this.texts, (api, path) => hex(`${api}:${path}`));
  /** A path as the key of a document, in which a dot leads into an object. */
  readonly pathKeys = new Combinations(this.texts, (path) => path.replaceAll('.', '\\u2e'));
  readonly mcpNames = new Combinations(this.texts, (type, name) => `${type}_${name}`);
  readonly #codes = new Map<number, number>();

  constructor(ignoredTagPrefixes: readonly string[]) {
    this.tags = new TagNumbers(this.texts, [ownPrefix, ...ignoredTagPrefixes]);
  }

  /** Of a number's digits. */
  number(value: number): number {
    const known = this.#codes.get(value);
    if (known !== undefined) return known;
    const number = this.texts.of(String(value));
    this.#codes.set(value, number);
    return number;
  }

  /** Between two batches: what was met long ago is not kept for ever. */
  tidy(): void {
    if (!this.texts.isFull) return;
    this.texts.forget();
    this.#codes.clear();
    for (const part of Object.values(this))
      if (part instanceof TextMemo || part instanceof ListMemo || part instanceof Combinations)
        part.forget();
    this.tags.forget();
  }

  #memo(field: TextField): TextMemo<number> {
    return new TextMemo({ field, make: (record) => this.texts.of(record.text(field)) });
  }
}

/** The tags of a record that are counted, trimmed. */
class TagNumbers {
  readonly #memo: ListMemo<number>;
  readonly #counted: number[] = [];

  constructor(texts: Texts, ignoredPrefixes: readonly string[]) {
    const make = (tag: string): number => {
      const trimmed = trim(tag);
      const isIgnored = ignoredPrefixes.some((prefix) => tag.startsWith(prefix));
      return trimmed === '' || isIgnored ? none : texts.of(trimmed);
    };
    this.#memo = new ListMemo({ field: 'tags', make });
  }

  of(record: Parameters<ListMemo<number>['of']>[0]): readonly number[] {
    const counted = this.#counted;
    counted.length = 0;
    for (const number of this.#memo.of(record)) if (number !== none) counted.push(number);
    return counted;
  }

  forget(): void {
    this.#memo.forget();
  }
}

/** Without the white space around it, and without any dot: it is the key of a document, too. */
const trim = (tag: string): string =>
  tag.replaceAll(/^\p{White_Space}+|\p{White_Space}+$/gu, '').replaceAll('.', '');

const base64 = (text: string): string => Buffer.from(text).toString('base64').replace(/=+$/, '');
const hex = (text: string): string => Buffer.from(text).toString('hex');
