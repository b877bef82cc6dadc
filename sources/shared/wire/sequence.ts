/** How far it is from one sequence number to another; negative: back. */
export const distance = (from: number, to: number): number => (to - from) | 0;
