/** The function with its last results remembered by text, up to so many; then it begins anew. */
export function remembered<T>(most: number, make: (text: string) => T): Remembered<T> {
  const known = new Map<string, { readonly made: T }>();
  return {
    of(text) {
      const found = known.get(text);
      if (found !== undefined) return found.made;
      const made = make(text);
      if (known.size >= most) known.clear();
      known.set(text, { made });
      return made;
    },
    forget: () => known.clear(),
  };
}

export interface Remembered<T> {
  of(text: string): T;
  forget(): void;
}
