export function isPumpType(type: string): boolean;
export function renamed(text: string, type: string): string;
export function withPump(registry: string, type: string): string;
