import { describe, expect, it } from 'vitest';
import { ConnectionError, RequestTimeoutError, type KafkaRxError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import { watch } from '../support/watch.ts';
import { Bench } from './committing.ts';

const lost = new ConnectionError('CONNECTION_LOST', 'gone');

describe('a commit that fails', () => {
  it.each<readonly [string, KafkaRxError]>([
    ['its connection', lost],
    ['an answer in time', new RequestTimeoutError('OffsetCommit', 30_000)],
  ])('for want of %s is made again, anew from the table and with the back-off: the outcome is not known', (_, error) => {
    const bench = new Bench();
    bench.run();
    bench.ack(3);
    bench.wire.only.fail(error);
    expect(bench.clock.toldOf('commitFailed')).toEqual([
      { kind: 'commitFailed', offsets: [{ topic: 't', partition: 0, offset: 3 }], error, retrying: true },
    ]);
    expect([bench.cursor().committed, bench.cursor().dirty]).toEqual([0, true]);
    bench.ack(1);
    bench.clock.to(99);
    expect(bench.sent).toEqual(['t-0=3']);
    bench.clock.to(100);
    expect(bench.sent).toEqual(['t-0=3', 't-0=4']);
    bench.wire.only.fail(error);
    bench.clock.to(299);
    expect(bench.sent).toHaveLength(2);
    bench.clock.to(300);
    expect(bench.sent).toHaveLength(3);
    bench.answer();
    bench.ack(3);
    expect(bench.sent).toEqual(['t-0=3', 't-0=4', 't-0=4', 't-0=7']);
  });

  it('by interval is made again an interval later', () => {
    const bench = new Bench();
    bench.run();
    bench.ack(1);
    bench.clock.to(5_000);
    bench.wire.only.fail(lost);
    bench.clock.to(9_999);
    expect(bench.sent).toHaveLength(1);
    bench.clock.to(10_000);
    expect(bench.sent).toEqual(['t-0=1', 't-0=1']);
  });

  it('for one partition is taken for the others', () => {
    const bench = new Bench(2);
    bench.run();
    bench.ack(1, 1);
    bench.ack(3);
    bench.answer({ 't-0': codeOf('UNKNOWN_TOPIC_OR_PARTITION') });
    expect([bench.cursor(0).committed, bench.cursor(1).committed]).toEqual([0, 1]);
    bench.clock.to(100);
    expect(bench.sent).toEqual(['t-0=3,t-1=1', 't-0=3']);
  });

  it('for one partition delays that one alone, further and further: the others are committed when they are due', () => {
    const bench = new Bench(2);
    const refused = { 't-0': codeOf('UNKNOWN_TOPIC_OR_PARTITION') };
    bench.run();
    bench.ack(3);
    for (const at of [0, 100, 300, 700, 1_500]) {
      bench.clock.to(at);
      bench.answer(refused);
    }
    bench.ack(3, 1); // the next one of t-0 is due at 3,100
    expect(bench.sent.slice(5)).toEqual(['t-1=3']);
    bench.answer();
    bench.clock.to(2_000);
    bench.ack(3, 1);
    expect(bench.sent.slice(6)).toEqual(['t-1=6']);
    bench.answer();
    bench.clock.to(3_099);
    expect(bench.sent.slice(7)).toEqual([]);
    bench.clock.to(3_100);
    expect(bench.sent.slice(7)).toEqual(['t-0=3']);
    bench.answer();
    bench.ack(3);
    expect(bench.sent.slice(8)).toEqual(['t-0=6']);
  });

  it('for one partition is told of that one alone', () => {
    const bench = new Bench(2);
    bench.run();
    bench.ack(1, 1);
    bench.ack(3);
    bench.answer({ 't-0': codeOf('TOPIC_AUTHORIZATION_FAILED') });
    expect(bench.clock.toldOf('commitFailed')).toMatchObject([{ offsets: [{ topic: 't', partition: 0, offset: 3 }], retrying: false }]);
  });

  it('for one partition does not keep a flush of another waiting', () => {
    const bench = new Bench(2);
    bench.ack(1);
    bench.ack(1, 1);
    bench.run();
    const all = watch(bench.committer.flush(() => false));
    const other = bench.commit(1);
    bench.answer({ 't-0': codeOf('UNKNOWN_TOPIC_OR_PARTITION') });
    expect([other.log, all.log]).toEqual([['|'], []]);
    bench.ack(1, 1);
    const again = bench.commit(1);
    expect(bench.sent).toEqual(['t-0=1,t-1=1', 't-1=2']);
    bench.answer();
    bench.clock.to(100);
    expect([again.log, bench.sent[2]]).toEqual([['|'], 't-0=1']);
    bench.answer();
    expect([all.log, bench.clock.idle]).toEqual([['|'], false]);
  });

  it.each(['NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS', 'REBALANCE_IN_PROGRESS'])(
    'with %s says nothing of the partition: all of them wait',
    (name) => {
      const bench = new Bench(2);
      bench.run();
      bench.ack(3);
      bench.answer({ 't-0': codeOf(name) });
      bench.ack(3, 1);
      expect(bench.sent).toEqual(['t-0=3']);
      bench.clock.to(100);
      expect(bench.sent).toEqual(['t-0=3', 't-0=3,t-1=3']);
    },
  );

  it('without an answer for a partition counts as failed', () => {
    const bench = new Bench();
    bench.run();
    bench.ack(3);
    bench.answer({ 't-0': NaN });
    expect([bench.cursor().committed, bench.clock.toldOf('commitFailed')]).toMatchObject([
      0,
      [{ error: { code: 'UNKNOWN_SERVER_ERROR' } }],
    ]);
  });

  it.each([
    ['NOT_COORDINATOR', 1],
    ['COORDINATOR_NOT_AVAILABLE', 1],
    ['COORDINATOR_LOAD_IN_PROGRESS', 0],
    ['UNKNOWN_MEMBER_ID', 0],
  ])('with %s forgets the coordinator %i times', (name, times) => {
    const bench = new Bench();
    bench.run();
    bench.ack(3);
    bench.answer({ 't-0': codeOf(name) });
    expect([bench.wire.forgotten, bench.wire.invalidated]).toEqual([times, 0]);
  });

  it.each(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID', 'REBALANCE_IN_PROGRESS'])(
    'with %s is told to who is the member, with the membership that it was sent under',
    (name) => {
      const bench = new Bench();
      const running = bench.run();
      bench.ack(3);
      bench.table.membership = { ...bench.membership, generation: 8 };
      bench.answer({ 't-0': codeOf(name) });
      expect([bench.evictions, running.log]).toEqual([[[name, bench.membership]], []]);
    },
  );

  it.each(['TOPIC_AUTHORIZATION_FAILED', 'OFFSET_METADATA_TOO_LARGE', 'INVALID_GROUP_ID', 'UNKNOWN_MEMBER_ID'])(
    'with %s is told and made again: no commit is worth the consumer',
    (name) => {
      const bench = new Bench();
      const running = bench.run();
      bench.ack(3);
      bench.answer({ 't-0': codeOf(name) });
      expect(bench.clock.toldOf('commitFailed')).toMatchObject([{ retrying: false, error: { code: name } }]);
      bench.clock.to(100);
      expect([bench.sent, running.log]).toEqual([['t-0=3', 't-0=3'], []]);
    },
  );

  it('with GROUP_AUTHORIZATION_FAILED is the end: none can ever succeed', () => {
    const bench = new Bench();
    const running = bench.run();
    bench.ack(3);
    bench.answer({ 't-0': codeOf('GROUP_AUTHORIZATION_FAILED') });
    expect(running.error()).toMatchObject({ name: 'AuthorizationError', code: 'GROUP_AUTHORIZATION_FAILED' });
    expect(bench.clock.idle).toBe(true);
  });

  it('by a defect of our own is the end', () => {
    const bench = new Bench();
    const running = bench.run();
    bench.ack(3);
    const defect = new TypeError('of our own');
    bench.wire.only.fail(defect);
    expect(running.error()).toBe(defect);
  });
});
