/** What a file of a program imports and holds, as esbuild tells it. */
export interface Part {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
  readonly entryPoint?: string;
}

export function partsOf(program: 'pump' | 'capture'): Promise<Readonly<Record<string, Part>>>;
