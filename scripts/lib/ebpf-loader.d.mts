export declare function missingTools(): string[];
export declare function buildLoader(folder?: string): string;
