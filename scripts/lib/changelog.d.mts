export function hasUnreleased(changelog: string): boolean;
export function sectionOf(changelog: string, version: string): string | undefined;
export function dated(changelog: string, version: string, date: string): string;
export function dateOf(changelog: string, version: string): string | undefined;
