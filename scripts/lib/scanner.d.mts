export declare const codeFile: string;
export declare function compileScanner(): Promise<string>;
