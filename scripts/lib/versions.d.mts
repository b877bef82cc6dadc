export function nextVersion(previous: string, wanted: string): string;
