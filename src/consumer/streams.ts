import { filter, groupBy, map, type Observable, type OperatorFunction } from 'rxjs';
import type { PartitionStream } from '../model/partitionStream.ts';
import type { Cursor } from '../table/cursor.ts';
import type { PartitionEvent } from '../table/partitionEvent.ts';
import { CursorStream, type StreamHost } from './partitionStream.ts';

/**
 * One stream for each cursor, from the one flat stream of what happens to all of them.
 *
 * The key of a group is the cursor itself, so a partition that returns is another group. A group ends with its cursor, from outside (at its mark it may go on once more): a
 * duration made of the group would keep the engine alive after everybody is gone. Events of a cursor that is over are dropped before they
 * are grouped, since they would open a ghost group.
 */
export function partitionStreams(host: StreamHost): OperatorFunction<PartitionEvent, PartitionStream> {
  return (events) =>
    events.pipe(
      filter(({ kind, cursor }) => kind === 'assigned' || !cursor.over),
      groupBy(({ cursor }) => cursor, { duration: ({ key }) => ended(key) }),
      map((group) => new CursorStream(group.key, host, group)),
    );
}

function ended(cursor: Cursor): Observable<unknown> {
  return cursor.line.wakes.pipe(filter(() => cursor.over && !cursor.atMark));
}
