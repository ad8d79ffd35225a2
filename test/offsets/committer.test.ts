import { describe, expect, it } from 'vitest';
import { CommitFailedError, ConnectionError } from '../../src/errors/index.ts';
import { codeOf } from '../../src/errors/table.ts';
import { Bench } from './committing.ts';

const lost = new ConnectionError('CONNECTION_LOST', 'gone');

describe('the committer', () => {
  it('commits by interval, what is acked at that moment, and no more while nothing changes', () => {
    const bench = new Bench();
    bench.run();
    bench.ack(1);
    bench.clock.to(4_999);
    bench.ack(1);
    expect(bench.sent).toEqual([]);
    bench.clock.to(5_000);
    expect(bench.sent).toEqual(['t-0=2']);
    expect(bench.wire.only).toMatchObject({ api: 'OffsetCommit', purpose: 'control', deadline: 30_000 });
    expect(bench.wire.only.request).toMatchObject({ groupId: 'g', memberId: 'm', generationIdOrMemberEpoch: 7 });
    bench.clock.by(200);
    bench.answer();
    expect([bench.cursor().committed, bench.clock.toldOf('committed')]).toEqual([
      2,
      [{ kind: 'committed', offsets: [{ topic: 't', partition: 0, offset: 2 }] }],
    ]);
    bench.clock.to(30_000);
    expect(bench.sent).toEqual(['t-0=2']);
    bench.ack(1);
    bench.clock.to(31_000);
    expect(bench.sent).toEqual(['t-0=2', 't-0=3']);
  });

  it('commits at once after so many acks of one partition', () => {
    const bench = new Bench(2);
    bench.run();
    bench.ack(2);
    bench.ack(2, 1);
    expect(bench.sent).toEqual([]);
    bench.ack(1, 1);
    expect(bench.sent).toEqual(['t-0=2,t-1=3']);
  });

  it('commits a new start as soon as it is resolved', () => {
    const bench = new Bench();
    bench.run();
    bench.cursor().relocate({ kind: 'place', at: { offset: 40 } }, 'seek');
    bench.cursor().commitSoon = true;
    bench.cursor().locate(40);
    expect(bench.sent).toEqual(['t-0=40']);
    bench.answer();
    expect([bench.cursor().commitSoon, bench.cursor().committedEpoch]).toEqual([false, 1]);
  });

  it('has one commit under way at most: what is acked meanwhile goes with the next', () => {
    const bench = new Bench();
    bench.run();
    bench.ack(3);
    bench.ack(4);
    const flushed = bench.flush();
    bench.clock.to(20_000);
    expect([bench.sent, bench.wire.open.length, flushed.log]).toEqual([['t-0=3'], 1, []]);
    bench.answer();
    expect([bench.sent, bench.wire.open.length]).toEqual([['t-0=3', 't-0=7'], 1]);
    bench.ack(3);
    bench.answer();
    expect([bench.sent, bench.wire.open.length]).toEqual([['t-0=3', 't-0=7', 't-0=10'], 1]);
    bench.answer();
    expect([flushed.log, bench.cursor().committed]).toEqual([['|'], 10]);
  });

  it('does not lower what was committed by an ack of a seek that came between', () => {
    const bench = new Bench();
    bench.run();
    bench.ack(3);
    bench.cursor().relocate({ kind: 'place', at: { offset: 1 } }, 'seek');
    bench.cursor().commitSoon = true;
    bench.cursor().locate(1);
    bench.answer();
    expect([bench.cursor().committed, bench.cursor().committedEpoch, bench.sent]).toEqual([3, 0, ['t-0=3', 't-0=1']]);
    bench.answer();
    expect([bench.cursor().committed, bench.cursor().committedEpoch]).toEqual([1, 1]);
  });

  it('commits nothing between two memberships, but for a group that it is no member of it does', () => {
    const [member, guest] = [new Bench(), new Bench(1, false)];
    for (const bench of [member, guest]) {
      bench.table.membership = undefined;
      bench.run();
      bench.ack(5);
      bench.clock.to(20_000);
    }
    expect([member.sent, guest.sent]).toEqual([[], ['t-0=3']]);
    expect(guest.wire.only.request).toMatchObject({ memberId: '', generationIdOrMemberEpoch: -1, groupInstanceId: null });
  });

  it('for a group without members commits again what has not changed for 12 hours, and from then on: Kafka would forget it', () => {
    const [member, guest] = [new Bench(), new Bench(1, false)];
    const half = 12 * 3_600_000;
    for (const bench of [member, guest]) {
      bench.cursor().commits.known(1_000); // it was read then
      bench.run();
    }
    guest.clock.to(half + 999);
    expect(guest.sent).toEqual([]);
    guest.clock.to(half + 1_000);
    expect(guest.sent).toEqual(['t-0=0']);
    guest.clock.by(500);
    guest.answer();
    guest.clock.to(2 * half + 1_499);
    expect(guest.sent).toHaveLength(1);
    guest.clock.to(2 * half + 1_500);
    expect(guest.sent).toHaveLength(2);
    member.clock.to(half + 2_000);
    expect(member.sent).toEqual([]);
  });

  it('ends with its subscription: nothing is under way and no timer armed', () => {
    const bench = new Bench();
    const running = bench.run();
    bench.ack(3);
    running.unsubscribe();
    expect([bench.wire.open, bench.clock.idle]).toEqual([[], true]);
    // The outcome is not known, so the next one commits again.
    bench.run();
    expect(bench.sent).toEqual(['t-0=3', 't-0=3']);
  });
});

describe('a flush', () => {
  it('of what is committed already completes at once', () => {
    const bench = new Bench();
    expect([bench.flush().log, bench.sent]).toEqual([['|'], []]);
  });

  it('commits what is to be committed, and completes when Kafka knows', () => {
    const bench = new Bench();
    bench.ack(2);
    const flushed = bench.flush();
    expect([bench.sent, flushed.log]).toEqual([['t-0=2'], []]);
    bench.answer();
    expect([flushed.log, bench.clock.idle]).toEqual([['|'], true]);
  });

  it('tries again what may succeed later, made anew', () => {
    const bench = new Bench();
    bench.ack(2);
    const flushed = bench.flush();
    bench.wire.only.fail(lost);
    bench.ack(2);
    bench.clock.to(100);
    expect(bench.sent).toEqual(['t-0=2', 't-0=4']);
    bench.answer({ 't-0': codeOf('REBALANCE_IN_PROGRESS') });
    expect(flushed.log).toEqual([]);
    bench.clock.to(300);
    bench.answer();
    expect(flushed.log).toEqual(['|']);
  });

  it('sends nothing more for partitions that were given away while it waited to try again', () => {
    const bench = new Bench();
    bench.ack(2);
    const flushed = bench.flush();
    bench.wire.only.fail(lost);
    bench.table.release(bench.cursor());
    bench.clock.to(1_000);
    expect([bench.sent, flushed.log, bench.clock.idle]).toEqual([['t-0=2'], ['|'], true]);
  });

  it('errors where trying again does not help', () => {
    const bench = new Bench();
    bench.ack(2);
    const flushed = bench.flush();
    bench.answer({ 't-0': codeOf('UNKNOWN_MEMBER_ID') });
    expect(flushed.error()).toBeInstanceOf(CommitFailedError);
    expect(flushed.error()).toMatchObject({ code: 'COMMIT_FAILED', retriable: false, cause: { code: 'UNKNOWN_MEMBER_ID' } });
  });

  it('that waited for a commit that failed backs off as well: however many wait, they do not try one after the other', () => {
    const bench = new Bench(4);
    const flushed = [0, 1, 2, 3].map((partition) => {
      bench.ack(1, partition);
      return bench.flush(partition);
    });
    bench.wire.only.fail(lost);
    expect([bench.sent.length, bench.wire.open]).toEqual([1, []]);
    bench.clock.to(100);
    bench.answer();
    expect([flushed.map(({ log }) => log), bench.sent.length]).toEqual([[['|'], ['|'], ['|'], ['|']], 2]);
  });

  it('does not mind that another partition was refused', () => {
    const bench = new Bench(2);
    bench.ack(2, 0);
    bench.ack(3, 1);
    const [good, bad] = [bench.flush(0), bench.flush(1)];
    const refused = { 't-1': codeOf('TOPIC_AUTHORIZATION_FAILED') };
    bench.answer(refused);
    expect([good.log, bad.log]).toEqual([['|'], []]);
    bench.clock.to(100);
    bench.answer(refused); // the second waited for the first, and tried itself
    expect([good.log, bad.error()]).toMatchObject([['|'], { code: 'COMMIT_FAILED' }]);
  });
});
