/** What the main thread has read, by path. */
export interface ConfigTexts {
  readonly files: ReadonlyMap<string, string>;
  /** At the start of the process, where that was another configuration: some of it is in force until the next start. */
  readonly atStart: ReadonlyMap<string, string> | undefined;
  /** Where pumps from outside the tree were found. */
  readonly located: Map<string, { readonly url: string; readonly file: string }>;
}
