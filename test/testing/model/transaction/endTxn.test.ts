import { describe, expect, test } from 'vitest';
import { LAST_EPOCH } from '../../../../src/testing/model/transaction/producer.ts';
import { nobody, Producing, type Has } from './producing.ts';

/** A transaction that wrote to both partitions. */
function written(producing = new Producing()): { readonly producing: Producing; readonly has: Has } {
  const has = producing.init();
  producing.add(has, [0, 1]);
  producing.write(has, 0);
  producing.write(has, 1);
  return { producing, has };
}

describe('EndTxn', () => {
  test.each(['commit', 'abort'] as const)('%s: writes a marker into each partition, and the last stable offset goes on', (ends) => {
    const { producing, has } = written();
    const log = producing.cluster.find('orders', 0)?.log;
    expect(log?.lastStableOffset).toBe(0);
    producing.now = 9;
    const before = producing.cluster.revision;
    expect(producing.end(has, ends, { version: 4 }).error).toBe('NONE');
    for (const partition of [0, 1]) expect(producing.markers(partition)).toEqual([`${ends} of ${has.id} in 0 at 9`]);
    expect(log?.lastStableOffset).toBe(2);
    expect(log?.openTransactions.size).toBe(0);
    expect(producing.cluster.revision).toBeGreaterThan(before);
  });

  test('until version 4 the epoch stays, and the same end once more is no error', () => {
    const { producing, has } = written();
    expect(producing.end(has, 'commit', { version: 4 })).toEqual({ id: -1, epoch: -1, error: 'NONE' });
    expect(producing.end(has, 'commit', { version: 4 }).error).toBe('NONE');
    expect(producing.end(has, 'abort', { version: 4 }).error).toBe('INVALID_TXN_STATE');
    expect(producing.markers()).toHaveLength(1);
    expect(producing.add(has)).toEqual(['NONE']);
  });

  test('from version 5 on it gives a new epoch, under which the marker stands already', () => {
    const { producing, has } = written();
    const next = producing.end(has, 'commit');
    expect(next).toEqual({ id: has.id, epoch: 1, error: 'NONE' });
    expect(producing.markers()).toEqual([`commit of ${has.id} in 1 at 0`]);
    expect(producing.add(has)).toEqual(['PRODUCER_FENCED']);
    expect(producing.add(next)).toEqual(['NONE']);
    expect(producing.end(next, 'abort').epoch).toBe(2);
  });

  test('from version 5 on the epoch before tells a repetition', () => {
    const { producing, has } = written();
    const next = producing.end(has, 'commit');
    expect(producing.end(has, 'commit')).toEqual(next);
    expect(producing.end(has, 'abort').error).toBe('INVALID_TXN_STATE');
    expect(producing.end(next, 'commit').error, 'nothing was begun').toBe('INVALID_TXN_STATE');
    expect(producing.end(next, 'abort'), 'for the sake of the epoch').toEqual({ id: has.id, epoch: 2, error: 'NONE' });
    expect(producing.end(has, 'commit').error).toBe('PRODUCER_FENCED');
    expect(producing.markers()).toHaveLength(1);
  });

  test.each<[string, number, 'commit' | 'abort', string, number]>([
    ['an empty one is not committed', 5, 'commit', 'INVALID_TXN_STATE', -1],
    ['an empty one may be aborted', 5, 'abort', 'NONE', 1],
    ['before, neither', 4, 'commit', 'INVALID_TXN_STATE', -1],
    ['nor', 4, 'abort', 'INVALID_TXN_STATE', -1],
  ])('%s (version %i, %s: %s)', (_, version, ends, error, epoch) => {
    const producing = new Producing();
    expect(producing.end(producing.init(), ends, { version })).toMatchObject({ error, epoch });
  });

  test.each<[string, Partial<Has>, number, string]>([
    ['another id', { id: 7 }, 5, 'INVALID_PRODUCER_ID_MAPPING'],
    ['another id', { id: 7 }, 4, 'INVALID_PRODUCER_ID_MAPPING'],
    ['a later epoch', { epoch: 1 }, 5, 'PRODUCER_FENCED'],
    ['a later epoch', { epoch: 1 }, 4, 'PRODUCER_FENCED'],
    ['a later epoch', { epoch: 1 }, 1, 'INVALID_PRODUCER_EPOCH'],
  ])('with %s %o in version %i: %s', (_, claim, version, error) => {
    const { producing, has } = written();
    expect(producing.end({ ...has, ...claim }, 'commit', { version }).error).toBe(error);
    expect(producing.markers()).toEqual([]);
  });

  test('of nobody, at another broker, or as the script says', () => {
    const producing = new Producing(2);
    expect(producing.end({ id: 7, epoch: 0 }, 'commit').error).toBe('INVALID_PRODUCER_ID_MAPPING');
    expect(producing.end({ id: 7, epoch: 0 }, 'commit', { node: 2 }).error).toBe('NOT_COORDINATOR');
    expect(producing.end(nobody, 'commit', { refusal: () => 'COORDINATOR_LOAD_IN_PROGRESS' }).error).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  });

  test('a partition without a leader gets its marker when it has one; until then the transaction is neither ended nor begun', () => {
    const { producing, has } = written();
    const partition = producing.cluster.find('orders', 1);
    if (partition === undefined) throw new Error('no partition');
    partition.leader = -1;
    const next = producing.end(has, 'commit');
    expect(next.error).toBe('NONE');
    expect([producing.markers(0).length, producing.markers(1).length]).toEqual([1, 0]);
    const waiting = producing.cluster.revision;
    producing.cluster.tick(10);
    expect(producing.cluster.revision, 'nothing has changed').toBe(waiting);
    expect(producing.add(next)).toEqual(['CONCURRENT_TRANSACTIONS']);
    expect(producing.commitOffset(next, 5, { version: 4 })).toEqual(['COORDINATOR_NOT_AVAILABLE']);
    expect(producing.commitOffset(next, 5)).toEqual(['CONCURRENT_TRANSACTIONS']);
    expect(producing.init().error).toBe('CONCURRENT_TRANSACTIONS');
    expect(producing.end(has, 'commit').error, 'once more').toBe('CONCURRENT_TRANSACTIONS');
    expect(producing.end(has, 'abort').error).toBe('INVALID_TXN_STATE');
    expect(producing.end(next, 'commit').error).toBe('PRODUCER_FENCED');
    partition.leader = 1;
    producing.now = 50;
    producing.cluster.tick(50);
    expect([producing.markers(0).length, producing.markers(1)]).toEqual([1, [`commit of ${has.id} in 1 at 50`]]);
    expect(producing.add(next)).toEqual(['NONE']);
  });

  test('a partition that is gone needs none', () => {
    const { producing, has } = written();
    producing.cluster.deleteTopic('orders');
    expect(producing.end(has, 'commit').error).toBe('NONE');
    expect(producing.end(has, 'commit').error, 'done').toBe('NONE');
  });

  test('gives another id when the epochs are used up, and knows a repetition then, too', () => {
    const producing = new Producing();
    let has: Has = producing.init();
    for (let epoch = 1; epoch <= LAST_EPOCH; epoch++) has = producing.end(has, 'abort');
    expect(has.epoch).toBe(LAST_EPOCH);
    producing.add(has);
    const next = producing.end(has, 'commit');
    expect(next).toMatchObject({ epoch: 0, error: 'NONE' });
    expect(next.id).not.toBe(has.id);
    expect(producing.markers()).toEqual([`commit of ${has.id} in ${LAST_EPOCH + 1} at 0`]);
    expect(producing.end(has, 'commit')).toEqual(next);
    expect(producing.add(next)).toEqual(['NONE']);
  });
});

describe('a transaction that lasts too long', () => {
  test('is aborted when its time is over: its markers stand in the next epoch, and it can be committed no more', () => {
    const producing = new Producing();
    const has = producing.init(nobody, { timeout: 100 });
    expect(producing.cluster.due).toBe(Infinity);
    producing.now = 5;
    producing.add(has, [0]);
    producing.now = 50;
    producing.add(has, [1]);
    expect(producing.cluster.transactions.due).toBe(105);
    producing.cluster.tick(104);
    expect(producing.markers()).toEqual([]);
    const before = producing.cluster.revision;
    producing.cluster.tick(130);
    expect(producing.markers(0)).toEqual([`abort of ${has.id} in 1 at 105`]);
    expect(producing.markers(1)).toHaveLength(1);
    expect(producing.cluster.revision).toBeGreaterThan(before);
    expect(producing.cluster.transactions.due).toBe(Infinity);
    expect(producing.end(has, 'commit', { version: 4 }).error).toBe('PRODUCER_FENCED');
    expect(producing.end(has, 'commit').error).toBe('INVALID_TXN_STATE');
    expect(producing.add(has, [0], { version: 1 })).toEqual(['INVALID_PRODUCER_EPOCH']);
    expect(producing.markers(0)).toHaveLength(1);
  });

  test('gives its producer the epoch that it was fenced with: to one that aborts it itself, or begins again', () => {
    const producing = new Producing();
    const has = producing.init(nobody, { timeout: 100 });
    producing.add(has);
    producing.now = 100;
    const next = { id: has.id, epoch: 1, error: 'NONE' };
    expect(producing.end(has, 'abort')).toEqual(next);
    expect(producing.init(has)).toEqual(next);
    expect(producing.init()).toMatchObject({ id: has.id, epoch: 2 });
    expect(producing.init(has).error, 'when another one has begun').toBe('PRODUCER_FENCED');
  });

  test('is let be while nobody coordinates, and outlives its coordinator', () => {
    const producing = new Producing(2);
    const has = producing.init(nobody, { timeout: 100 });
    producing.add(has);
    producing.cluster.coordinator = -1;
    expect(producing.cluster.transactions.due).toBe(Infinity);
    producing.cluster.tick(1_000);
    expect(producing.markers()).toEqual([]);
    producing.cluster.coordinator = 2;
    expect(producing.end(has, 'commit', { node: 2 }).error).toBe('NONE');
  });

  test('has the time that its producer asked for last', () => {
    const producing = new Producing();
    producing.init(nobody, { timeout: 60_000 });
    producing.add(producing.init(nobody, { timeout: 100 }));
    expect(producing.cluster.transactions.due).toBe(100);
  });

  test('counts its time anew in the next one', () => {
    const producing = new Producing();
    const has = producing.init(nobody, { timeout: 100 });
    producing.add(has);
    producing.end(has, 'commit', { version: 4 });
    producing.now = 90;
    producing.add(has);
    expect(producing.cluster.transactions.due).toBe(190);
  });
});
