/** The lowest and the highest version of an API. */
export type VersionRange = readonly [min: number, max: number];

/** The highest version that both speak; undefined if there is none. */
export function highestCommon(ours: VersionRange, theirs: VersionRange): number | undefined {
  const version = Math.min(ours[1], theirs[1]);
  return version >= ours[0] && version >= theirs[0] ? version : undefined;
}
