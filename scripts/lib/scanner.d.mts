export interface Scanner {
  readonly folder: string;
  readonly name: string;
}
export declare const scanners: readonly Scanner[];
export declare function codeFileOf(scanner: Scanner): string;
export declare function compileScanner(scanner: Scanner): Promise<string>;
