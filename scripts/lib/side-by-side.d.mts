export function sideBySide<
  T extends { readonly title: string; readonly after?: string; readonly alone?: boolean },
>(
  stages: readonly T[],
  lanes: number,
  play: (stage: T, lane: number) => Promise<void>,
): Promise<void>;
