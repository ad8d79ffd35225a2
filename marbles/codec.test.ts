import { catchError, map, merge, mergeMap } from 'rxjs';
import { test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { KafkaRxError } from '../src/errors/index.ts';
import { marble, ofPartitions } from '../test/support/scripted/index.ts';

/** Compressed bytes whose checksum is good: the producer itself wrote them like that, or somebody on the way did. */
const lies = {
  gzip: Buffer.from('1f8b0800000000000003', 'hex'),
  snappy: Buffer.from('ffffffff0f0061', 'hex'), // 4 GiB, by its length
  lz4: Buffer.from('04224d186040820600000020616203000000000000', 'hex'), // a copy from before the beginning
  zstd: Buffer.from('28b52ffda000ca9a3b5300006100', 'hex'), // 1 GB, by its header
} as const;

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

for (const compression of codecs)
  test(`a batch that is not in its codec, ${compression}: its stream errs behind the good records, its neighbour goes on, and seek passes it`, marble(({ cluster, consume, play, expectObservable }) => {
    cluster.topic('orders', 2).append('orders', 0, 2);
    cluster.append('orders', 0, 2, { compression, deflate: () => lies[compression] });
    cluster.append('orders', 0, 1);
    cluster.append('orders', 1, 1);
    //              E: the error of orders-0; a: its neighbour's first. After 100 ms orders-0 is fetched anew, from where it was sent
    const script =  '------------x-----             ';
    const records = '----(01Ea)---x 91ms 4        ';
    const stop =    '120ms                         !';

    const fetch = { minBytes: 1, maxWait: 20, maxBytes: 1_000_000, maxPartitionBytes: 1_000_000 };
    const consumed = consume({ mode: ofPartitions(2), fetch }).pipe(
      mergeMap((partition) => {
        const name = ({ offset }: { readonly offset: number }): string => (partition.partition === 0 ? String(offset) : offset === 0 ? 'a' : 'x');
        const read = partition.pipe(ackEach(), map(name));
        return read.pipe(catchError((error: unknown) => {
          if (!KafkaRxError.is(error) || error.offset !== 2) throw error;
          partition.seek({ offset: 4 });
          return merge(['E'], read);
        }));
      }),
    );
    expectObservable(consumed, stop).toBe(records, { 0: '0', 1: '1', E: 'E', a: 'a', x: 'x', 4: '4' });
    play(script, { x: () => cluster.append('orders', 1, 1) });
  }));
