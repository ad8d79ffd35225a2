/** What a transaction writes to: a partition, or the offsets of a group. */
export type Place =
  { readonly kind: 'partition'; readonly topic: string; readonly partition: number } | { readonly kind: 'group'; readonly groupId: string };

/** Places by their keys. */
export type Places = ReadonlyMap<string, Place>;

/** `orders/0`, `group billing`: no two places have the same. */
export function keyOf(place: Place): string {
  return place.kind === 'partition' ? `${place.topic}/${place.partition}` : `group ${place.groupId}`;
}

export function placesOf(places: readonly Place[]): Places {
  return new Map(places.map((place) => [keyOf(place), place]));
}
