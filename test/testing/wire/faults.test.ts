import { concat, map, materialize, mergeMap, VirtualTimeScheduler, type Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { fetchApi, metadataApi } from '../../../src/protocol/apis/index.ts';
import type { FetchRequest } from '../../../src/protocol/apis/fetch.ts';
import { SimulatedCluster, type Fault } from '../../../src/testing/index.ts';
import type { Connection } from '../../../src/transport/port.ts';
import { NO_ID } from '../../support/noId.ts';

const anyTopic = {
  topics: null,
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};
const fetchOf = (topic: string, partition: number): FetchRequest => ({
  clusterId: null,
  replicaId: -1,
  maxWaitMs: 500,
  minBytes: 1,
  maxBytes: 1_000_000,
  isolationLevel: 0,
  sessionId: 0,
  sessionEpoch: -1,
  topics: [
    {
      topic,
      topicId: NO_ID,
      partitions: [
        { partition, currentLeaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, logStartOffset: -1, partitionMaxBytes: 1_000_000 },
      ],
    },
  ],
  forgottenTopicsData: [],
  rackId: '',
});

/** What becomes of requests to a cluster of one broker with a record in each of the two partitions of `orders`: `12 answer`, `12 error CODE`, … */
function lived(
  faults: readonly Fault[],
  ask: (connection: Connection) => Observable<unknown>,
  tell: (value: unknown) => string = () => 'answer',
): readonly string[] {
  const scheduler = new VirtualTimeScheduler();
  scheduler.maxFrames = 10_000;
  const cluster = new SimulatedCluster({ scheduler }).topic('orders', 2, 1);
  for (const fault of faults) cluster.inject(fault);
  const seen: string[] = [];
  const asked = cluster.connect().pipe(mergeMap((connection) => ask(connection).pipe(materialize())));
  asked.subscribe({
    next: ({ kind, value, error }) => {
      const what = kind === 'N' ? tell(value) : kind === 'E' ? `error ${(error as { code: string }).code}` : 'done';
      seen.push(`${String(scheduler.now())} ${what}`);
    },
    error: (error: unknown) => seen.push(`${String(scheduler.now())} gone ${(error as { code: string }).code}`),
  });
  scheduler.flush();
  return seen;
}

const metadata = (connection: Connection): Observable<unknown> => connection.send(metadataApi, anyTopic);
const fetching =
  (partition: number) =>
  (connection: Connection): Observable<unknown> =>
    connection.fetch(fetchOf('orders', partition)).pipe(map(({ kind }) => kind));
const twice = (connection: Connection): Observable<unknown> => concat(metadata(connection), metadata(connection));

describe('without a fault', () => {
  test('a connection opens after the latency, and an answer comes after the latency', () => {
    expect(lived([], metadata)).toEqual(['2 answer', '2 done']);
  });
});

describe('a fault', () => {
  test('error: stands where the API has it', () => {
    const error: Fault = { api: 'Fetch', kind: 'error', error: 'KAFKA_STORAGE_ERROR' };
    const head = (part: unknown): string => JSON.stringify(part);
    const heads = (connection: Connection): Observable<unknown> =>
      connection.fetch(fetchOf('orders', 0)).pipe(map((part) => (part.kind === 'head' ? part.errorCode : part.kind)));
    expect(lived([error], heads, head)).toEqual(['2 56', '2 "end"', '2 done']);
  });

  test('error of a partition: at that partition alone', () => {
    const error: Fault = { api: 'Fetch', topic: 'orders', partition: 1, kind: 'error', error: 'KAFKA_STORAGE_ERROR', times: Infinity };
    const codes =
      (partition: number) =>
      (connection: Connection): Observable<unknown> =>
        connection.fetch(fetchOf('orders', partition)).pipe(mergeMap((part) => (part.kind === 'partition' ? [part.header.errorCode] : [])));
    expect(lived([error], codes(1), String)).toEqual(['2 56', '2 done']);
    expect(lived([error], codes(0), String)).toEqual(['2 0', '2 done']);
  });

  test('latency: the answer is late, and what stands behind it waits', () => {
    const both = (connection: Connection): Observable<unknown> => twice(connection);
    expect(lived([{ api: 'Metadata', kind: 'latency', delay: 10 }], both)).toEqual(['12 answer', '13 answer', '13 done']);
  });

  test('noAnswer: nothing comes any more on that connection', () => {
    expect(lived([{ kind: 'noAnswer' }], twice)).toEqual([]);
  });

  test('reset before: the connection is gone, and nothing was done', () => {
    expect(lived([{ kind: 'reset', when: 'before' }], metadata)).toEqual(['2 gone CONNECTION_LOST']);
  });

  test('reset inside: the connection is gone in the middle of the answer; what was whole has come', () => {
    expect(lived([{ kind: 'reset', when: 'inside' }], fetching(0), String)).toEqual(['2 head', '2 partition', '2 gone CONNECTION_LOST']);
  });

  test('reset after: the answer has come', () => {
    expect(lived([{ kind: 'reset', when: 'after' }], metadata)).toEqual(['2 answer', '2 done', '2 gone CONNECTION_LOST']);
  });

  test('trickle: the answer comes in chunks', () => {
    const seen = lived([{ kind: 'trickle', bytes: 60, every: 5 }], fetching(0), String);
    expect(seen.map((line) => line.split(' ')[1])).toEqual(['head', 'partition', 'batch', 'end', 'done']);
    expect(seen[0]).toBe('2 head');
    expect(Number(seen.at(-1)?.split(' ')[0])).toBeGreaterThan(6);
  });

  test('corrupt: the correlation id is another one, and the connection is dropped', () => {
    expect(lived([{ kind: 'corrupt', at: 4, length: 4 }], metadata)).toEqual(['2 gone CONNECTION_LOST']);
  });

  test('throttle: the answer says so, and nothing is served for as long', () => {
    const throttled = ({ throttleTimeMs }: { throttleTimeMs: number }): string => String(throttleTimeMs);
    expect(lived([{ kind: 'throttle', delay: 100 }], twice, throttled as (value: unknown) => string)).toEqual([
      '2 100',
      '103 0',
      '103 done',
    ]);
  });

  test('of connecting: refused, late, or never', () => {
    expect(lived([{ api: 'Connect', kind: 'error', error: 'CONNECTION_FAILED' }], metadata)).toEqual(['1 gone CONNECTION_FAILED']);
    expect(lived([{ api: 'Connect', kind: 'error', error: 'SASL_AUTHENTICATION_FAILED' }], metadata)).toEqual([
      '1 gone SASL_AUTHENTICATION_FAILED',
    ]);
    expect(lived([{ api: 'Connect', kind: 'latency', delay: 7 }], metadata)).toEqual(['9 answer', '9 done']);
    expect(lived([{ api: 'Connect', kind: 'noAnswer' }], metadata)).toEqual([]);
  });

  test('strikes as often as it says, after as many as it says, where it says', () => {
    const late: Fault = { api: 'Metadata', kind: 'latency', delay: 10 };
    expect(lived([{ ...late, times: 2 }], twice)).toEqual(['12 answer', '23 answer', '23 done']);
    expect(lived([{ ...late, after: 1 }], twice)).toEqual(['2 answer', '13 answer', '13 done']);
    expect(lived([{ ...late, topic: 'others' }], twice)).toEqual(['2 answer', '3 answer', '3 done']);
    expect(lived([{ ...late, api: fetchApi.name }], twice)).toEqual(['2 answer', '3 answer', '3 done']);
    expect(lived([{ kind: 'latency', delay: 10 }], twice)).toEqual(['12 answer', '13 answer', '13 done']);
  });
});
