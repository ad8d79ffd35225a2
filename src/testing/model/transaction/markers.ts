import type { Ground } from './ground.ts';
import { keyOf, type Place } from './places.ts';
import type { Transaction } from './transaction.ts';
import type { Ends } from './transactionState.ts';

/** Writes the markers that a transaction waits for, as far as it can now, and answers where they are written: the keys of the places. */
export function writeMarkers(cluster: Ground, { state, marker }: Transaction, now: number): readonly string[] {
  if (state.kind !== 'PrepareCommit' && state.kind !== 'PrepareAbort') return [];
  const ends: Ends = state.kind === 'PrepareCommit' ? 'commit' : 'abort';
  return [...state.places.values()].filter((place) => isWritten(cluster, place, marker, ends, now)).map(keyOf);
}

/** A partition without a leader has to wait; what is deleted needs no marker. */
function isWritten(cluster: Ground, place: Place, { id, epoch }: Transaction['marker'], ends: Ends, now: number): boolean {
  if (place.kind === 'group') {
    cluster.groups.endTxn(id, ends);
    return true;
  }
  const partition = cluster.find(place.topic, place.partition);
  if (partition === undefined) return true;
  if (cluster.brokers.get(partition.leader)?.up !== true) return false;
  partition.log.endTransaction(id, epoch, ends, now, partition.leaderEpoch);
  return true;
}
