export function userCache(tool: string, version: string): string;
export function versionOf(source: string): string;
