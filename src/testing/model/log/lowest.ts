/** The lowest index whose element fits, where all behind one that fits do; the length if none does. */
export function lowest<T>(sorted: readonly T[], fits: (element: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const element = sorted[middle];
    if (element !== undefined && fits(element)) high = middle;
    else low = middle + 1;
  }
  return low;
}
