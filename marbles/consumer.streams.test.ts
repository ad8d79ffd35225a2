import { map, Subject } from 'rxjs';
import { test } from 'vitest';
import { partitionStreams } from '../src/consumer/streams.ts';
import type { Cursor } from '../src/table/cursor.ts';
import type { PartitionEvent } from '../src/table/partitionEvent.ts';
import { working } from '../test/table/scenario.ts';
import { Bench } from '../test/consumer/scenario.ts';
import { marble } from '../test/support/scripted/index.ts';

test('what still comes of a partition that is over opens no ghost of a stream; the same partition again is another one', marble(({ play, expectObservable }) => {
  const { engine, table } = new Bench();
  const events = new Subject<PartitionEvent>();
  const happened = (kind: PartitionEvent['kind'], cursor: Cursor): void => events.next({ kind, cursor });
  const [first, again] = [working(table, 0), working(table, 1)];
  //               assigned, records, released, records that were on their way, assigned again
  const script =  '-a-b-r-b---n--';
  const streams = '-a---------n--';

  const host = { ...engine, drainTimeout: 0, start: () => ({ kind: 'nowhere' }) as const };
  const begun = events.pipe(partitionStreams(host), map(({ assignmentEpoch }) => String(assignmentEpoch)));
  expectObservable(begun).toBe(streams.replace('a', '1').replace('n', '2'));
  play(script, { a: () => happened('assigned', first), b: () => happened('batch', first), r: () => table.release(first), n: () => happened('assigned', again) });
}));
