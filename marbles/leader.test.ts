import { map, mergeAll, mergeMap, tap } from 'rxjs';
import { test } from 'vitest';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import { marble, offsets } from '../test/support/scripted/index.ts';

const lines = {
  m: 'metadata at b1',
  n: 'metadata at b2',
  f: 'fetch orders/0@0 at b1',
  g: 'fetch orders/0@0 at b2',
  h: 'fetch orders/0@2 at b2',
  a: 'fetch orders/0@0',
  b: 'fetch orders/0@3',
  c: 'fetch orders/0@5',
};

test('a leader that says it is none any more says who is: the next fetch goes there at once, and metadata is looked at as well', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1);
  //               the poll is cut short by the move; the new leader has to be connected to
  const script =  '---- 200ms x  w     ';
  const fetches = '---f 200ms --gh    ';
  const asked =   '-m-- 200ms --m     ';
  const records = '---- 200ms ---(01)';
  const stop =    '300ms !';

  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(cluster.sent('Metadata'), stop).toBe(asked, lines);
  expectObservable(consume().pipe(mergeAll(), offsets()), stop).toBe(records);
  play(script, { x: () => cluster.move('orders', 0, 2), w: () => cluster.append('orders', 0, 2) });
}, 2));

test('the answer of the old leader that comes when the new one is known is stale: nothing is delivered twice', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 2);
  cluster.fail('Fetch', { delay: 60 });       // the answer of b1 is made at 3 and arrives at 64; metadata is looked at again at 42
  const script =  '---------x             ';
  const asked =   '-m-f------ 33ms n-gh  ';
  const records = '---------- 33ms ---(01)';
  const stop =    '80ms !';

  expectObservable(cluster.sent('Metadata', 'Fetch'), stop).toBe(asked, lines);
  expectObservable(consume({ metadataMaxAge: 40 }).pipe(mergeAll(), offsets()), stop).toBe(records);
  play(script, { x: () => cluster.move('orders', 0, 2) });
}, 2));

test('the answer to what was asked before a seek is stale: no hole opens behind the new position', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 3).append('orders', 0, 2);
  let partition: PartitionStream | undefined;
  const script =  '---d------s                   ';       // d: the second answer comes late, at 25
  const fetches = '---ab--------------------abc--';
  const batches = '----0---------------------03--';
  const stop =    '------------------------------!';

  const fetch = { minBytes: 1, maxWait: 500, maxBytes: 1_000_000, maxPartitionBytes: 1 };
  const consumed = consume({ fetch }).pipe(tap((stream) => { partition = stream; }), mergeMap((stream) => stream.batches), map(({ firstOffset }) => String(firstOffset)));
  expectObservable(cluster.sent('Fetch'), stop).toBe(fetches, lines);
  expectObservable(consumed, stop).toBe(batches);
  play(script, { d: () => { cluster.fail('Fetch', { delay: 0 }); cluster.fail('Fetch', { delay: 20 }); }, s: () => partition?.seek({ offset: 0 }) });
}));
