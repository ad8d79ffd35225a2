import { NEVER, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CursorStream, type StreamHost } from '../../src/consumer/partitionStream.ts';
import { partitionStreams } from '../../src/consumer/streams.ts';
import { NotAssignedError, OptionsError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import type { StartPosition } from '../../src/model/startPosition.ts';
import type { PartitionEvent } from '../../src/table/partitionEvent.ts';
import { committed, offsetsIn } from '../offsets/scenario.ts';
import { watch } from '../support/watch.ts';
import { batchOf, working } from '../table/scenario.ts';
import { Bench, manual, member } from './scenario.ts';

function hostOf({ engine }: Bench): StreamHost {
  return { ...engine, drainTimeout: 30_000, start: () => ({ kind: 'place', at: 'earliest' }) };
}

/** A stream at position 0 with so many records buffered, and nobody subscribed. */
function streaming(count: number, bench = new Bench()) {
  const cursor = working(bench.table, 0, { attached: false });
  cursor.committed = 0;
  if (count > 0) cursor.receive(batchOf(0, count), true);
  return { bench, cursor, stream: new CursorStream(cursor, hostOf(bench), NEVER) };
}

const offsetsOf = (values: readonly { readonly offset: number }[]): number[] => values.map(({ offset }) => offset);

describe('a partition’s stream', () => {
  it('is a view of its cursor', () => {
    const { cursor, stream } = streaming(3);
    cursor.end = 10;
    expect(stream).toMatchObject({
      key: 't-0',
      topic: 't',
      partition: 0,
      assignmentEpoch: 1,
      position: 0,
      committed: 0,
      lag: 10,
      membership: member,
    });
    watch(stream);
    expect([stream.position, stream.lag, stream.signal.aborted]).toEqual([3, 7, false]);
  });

  it('comes as records, or as whole batches', () => {
    expect(offsetsOf(watch(streaming(3).stream).values)).toEqual([0, 1, 2]);
    expect(watch(streaming(3).stream.batches).values.map(({ length }) => length)).toEqual([3]);
  });

  it('has one subscriber at a time, of either kind', () => {
    const { stream } = streaming(1);
    const first = watch(stream);
    expect(watch(stream).error()).toMatchObject({ name: 'AlreadySubscribedError', topic: 't', partition: 0 });
    expect(watch(stream.batches).error()).toMatchObject({ name: 'AlreadySubscribedError' });
    first.unsubscribe();
    expect(watch(stream.batches).log).toEqual([]);
  });

  it('completes one who comes after its end, and is an error for the next: nobody spins', () => {
    const { bench, cursor, stream } = streaming(1);
    const { values } = watch(stream);
    cursor.apply({ kind: 'complete', why: 'stopping' });
    let settled = 0;
    bench.table.line.wakes.subscribe(() => settled++);
    expect([cursor.unacked, watch(stream).log]).toEqual([1, ['|']]);
    expect([cursor.unacked, settled]).toEqual([0, 1]);
    expect(watch(stream).error()).toBeInstanceOf(NotAssignedError);
    values[0]?.ack();
    expect(cursor.committable).toBe(1);
  });
});

describe('a pause', () => {
  it('stops before the next record, until the last holder lets go, each once', () => {
    const { cursor, stream } = streaming(2);
    const [a, b] = [stream.pause(), stream.pause()];
    const { values } = watch(stream);
    a.unsubscribe();
    a.unsubscribe();
    expect([values, cursor.delivery.pauses]).toEqual([[], 1]);
    b.unsubscribe();
    expect(offsetsOf(values)).toEqual([0, 1]);
  });
});

describe('a seek', () => {
  it('goes on there at once with an offset, and says where it came from', () => {
    const { bench, stream } = streaming(3);
    const { values } = watch(stream);
    stream.seek({ offset: 1 });
    expect([stream.position, bench.clock.told]).toEqual([
      1,
      [{ kind: 'positioned', topic: 't', partition: 0, from: 3, to: 1, reason: 'seek' }],
    ]);
    expect(values).toHaveLength(3);
  });

  it.each(['earliest', 'latest', { timestamp: 5 }, { ago: 5 }] as const)('to %j is looked up', (to) => {
    const { cursor, stream } = streaming(0);
    stream.seek(to);
    expect([stream.position, cursor.state]).toEqual([undefined, { kind: 'locating', target: { kind: 'place', at: to }, reason: 'seek' }]);
  });

  it('to what is committed asks the group, with the start where it has nothing', () => {
    const { cursor, stream } = streaming(0);
    stream.seek('committed');
    const target = { kind: 'committed', otherwise: { kind: 'place', at: 'earliest' } };
    expect(cursor.state).toEqual({ kind: 'locating', target, reason: 'seek' });
    expect(() => streaming(0, new Bench({ mode: manual })).stream.seek('committed')).toThrow(OptionsError);
  });

  it.each([{ offset: -1 }, { offset: 0.5 }, 'somewhere', { offset: 1, ago: 2 }])('to %j is refused', (to) => {
    const { cursor, stream } = streaming(0);
    expect(() => stream.seek(to as StartPosition)).toThrow(OptionsError);
    expect(cursor.positionEpoch).toBe(0);
  });

  it('is legal on a stream that errored, and goes on for the next subscriber', () => {
    const { bench, cursor, stream } = streaming(0);
    cursor.apply({ kind: 'fail', error: new Error('bad') });
    expect(watch(stream).error()).toMatchObject({ message: 'bad' });
    stream.seek({ offset: 5 });
    const { values } = watch(stream);
    cursor.receive(batchOf(5, 1), true);
    bench.clock.by(100);
    expect([offsetsOf(values), bench.clock.idle]).toEqual([[5], true]);
  });

  it('is refused once the stream has ended', () => {
    const { cursor, stream } = streaming(0);
    cursor.apply({ kind: 'complete', why: 'mark' });
    expect(() => stream.seek('earliest')).toThrow(NotAssignedError);
  });
});

describe('a commit by the user', () => {
  it('is of what is acked at the moment of its subscription, and completes when Kafka knows', () => {
    const { bench, stream } = streaming(3);
    const { values } = watch(stream);
    values[0]?.ack();
    const commit = stream.commit();
    expect(bench.wire.sent).toEqual([]);
    values[1]?.ack();
    const { log } = watch(commit);
    values[2]?.ack();
    expect([offsetsIn(bench.wire.only), log]).toEqual([['t-0=2'], []]);
    bench.wire.only.answer(committed(bench.wire.only));
    expect([log, bench.wire.sent.length, stream.committed]).toEqual([['|'], 1, 2]);
    watch(commit);
    expect(offsetsIn(bench.wire.only)).toEqual(['t-0=3']);
  });

  it('is nothing where Kafka knows already', () => {
    const { bench, stream } = streaming(1);
    expect([watch(stream.commit()).log, bench.wire.sent]).toEqual([['|'], []]);
  });

  it('is over where a seek has made it meaningless', () => {
    const { bench, stream } = streaming(2);
    for (const record of watch(stream).values) record.ack();
    const { log } = watch(stream.commit());
    stream.seek({ offset: 9 });
    bench.wire.only.answer(committed(bench.wire.only));
    expect(log).toEqual(['|']);
  });

  it('is an error where it is refused for good, and where there is no group', () => {
    const { bench, stream } = streaming(1);
    for (const record of watch(stream).values) record.ack();
    const refused = watch(stream.commit());
    bench.wire.only.answer(committed(bench.wire.only, { 't-0': codeOf('UNKNOWN_MEMBER_ID') }));
    expect(refused.error()).toMatchObject({ code: 'COMMIT_FAILED' });
    expect(() => streaming(0, new Bench({ mode: manual })).stream.commit()).toThrow(OptionsError);
  });
});

describe('the streams of a consumer', () => {
  it('are one for each assignment; what comes of one that is over opens none', () => {
    const bench = new Bench();
    const events = new Subject<PartitionEvent>();
    const { values, unsubscribe } = watch(events.pipe(partitionStreams(hostOf(bench))));
    const first = working(bench.table, 0);
    events.next({ kind: 'assigned', cursor: first });
    events.next({ kind: 'batch', cursor: first });
    bench.table.release(first);
    events.next({ kind: 'batch', cursor: first });
    const again = working(bench.table, 0);
    events.next({ kind: 'assigned', cursor: again });
    expect(values.map(({ key, assignmentEpoch }) => `${key} ${String(assignmentEpoch)}`)).toEqual(['t-0 1', 't-0 2']);
    unsubscribe();
    expect(events.observed).toBe(false);
  });

  it('are there also of what is over from the beginning, and complete', () => {
    const bench = new Bench();
    const events = new Subject<PartitionEvent>();
    const { values } = watch(events.pipe(partitionStreams(hostOf(bench))));
    events.next({ kind: 'assigned', cursor: working(bench.table, 0, { mark: 0 }) });
    expect(values.map((stream) => watch(stream).log)).toEqual([['|']]);
  });

  it('are woken by the events of their group', () => {
    const bench = new Bench();
    const events = new Subject<PartitionEvent>();
    const { values } = watch(events.pipe(partitionStreams(hostOf(bench))));
    const cursor = working(bench.table, 0, { attached: false });
    events.next({ kind: 'assigned', cursor });
    const [records] = values.map((stream) => watch(stream).values);
    cursor.receive(batchOf(0, 2), true);
    expect(records).toEqual([]);
    events.next({ kind: 'batch', cursor });
    expect(offsetsOf(records ?? [])).toEqual([0, 1]);
  });
});
