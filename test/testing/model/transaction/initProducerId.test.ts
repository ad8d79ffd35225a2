import { describe, expect, test } from 'vitest';
import { LAST_EPOCH } from '../../../../src/testing/model/transaction/producer.ts';
import { nobody, Producing, type Has } from './producing.ts';

describe('InitProducerId', () => {
  test('without a transactional id gives a new id each time, at any broker', () => {
    const producing = new Producing(2);
    const first = producing.init(nobody, { id: null, node: 2 });
    const second = producing.init(nobody, { id: null });
    expect([first.error, first.epoch, second.error, second.epoch]).toEqual(['NONE', 0, 'NONE', 0]);
    expect(second.id).not.toBe(first.id);
  });

  test('with one gives the same id, in the next epoch', () => {
    const producing = new Producing();
    const first = producing.init();
    expect(first).toMatchObject({ epoch: 0, error: 'NONE' });
    expect(producing.init()).toEqual({ id: first.id, epoch: 1, error: 'NONE' });
    expect(producing.init(nobody, { id: 'other' }).id).not.toBe(first.id);
  });

  test.each<[string, Has, number, string]>([
    ['in the present epoch goes on with the next', { id: 1000, epoch: 1 }, 2, 'NONE'],
    ['in an older epoch is fenced', { id: 1000, epoch: 0 }, -1, 'PRODUCER_FENCED'],
    ['with another id is fenced', { id: 7, epoch: 1 }, -1, 'PRODUCER_FENCED'],
    ['with half of a claim is refused', { id: 1000, epoch: -1 }, -1, 'INVALID_REQUEST'],
  ])('a producer %s', (_, has, epoch, error) => {
    const producing = new Producing();
    producing.init();
    producing.init();
    expect(producing.init(has)).toMatchObject({ epoch, error });
  });

  test('asked again because the answer was lost gives the same; after another producer it fences', () => {
    const producing = new Producing();
    const first = producing.init();
    const next = producing.init(first);
    expect(producing.init(first)).toEqual(next);
    producing.init();
    expect(producing.init(first).error).toBe('PRODUCER_FENCED');
  });

  test('up to version 3 says INVALID_PRODUCER_EPOCH instead', () => {
    const producing = new Producing();
    const first = producing.init();
    producing.init();
    expect(producing.init(first, { version: 3 }).error).toBe('INVALID_PRODUCER_EPOCH');
    expect(producing.init(first, { version: 4 }).error).toBe('PRODUCER_FENCED');
  });

  test.each([
    [0, 'INVALID_TRANSACTION_TIMEOUT'],
    [-1, 'INVALID_TRANSACTION_TIMEOUT'],
    [900_001, 'INVALID_TRANSACTION_TIMEOUT'],
    [900_000, 'NONE'],
    [1, 'NONE'],
  ])('with a time-out of %i ms answers %s', (timeout, error) => {
    expect(new Producing().init(nobody, { timeout }).error).toBe(error);
  });

  test('is refused without a name, at another broker, and while nobody coordinates', () => {
    const producing = new Producing(2);
    expect(producing.init(nobody, { id: '' }).error).toBe('INVALID_REQUEST');
    expect(producing.init(nobody, { node: 2 }).error).toBe('NOT_COORDINATOR');
    producing.cluster.coordinator = -1;
    expect(producing.init().error).toBe('COORDINATOR_NOT_AVAILABLE');
  });

  test('is refused as the script says, and nothing changes', () => {
    const producing = new Producing();
    expect(producing.init(nobody, { refusal: () => 'COORDINATOR_LOAD_IN_PROGRESS' })).toMatchObject({
      error: 'COORDINATOR_LOAD_IN_PROGRESS',
    });
    expect(producing.init().epoch).toBe(0);
  });

  test('aborts the transaction that is open, and has to be asked again', () => {
    const producing = new Producing();
    const first = producing.init();
    producing.add(first);
    producing.write(first);
    producing.now = 7;
    expect(producing.init()).toEqual({ id: -1, epoch: -1, error: 'CONCURRENT_TRANSACTIONS' });
    expect(producing.markers()).toEqual([`abort of ${first.id} in 1 at 7`]);
    expect(producing.init()).toEqual({ id: first.id, epoch: 2, error: 'NONE' });
    expect(producing.add(first)).toEqual(['PRODUCER_FENCED']);
    expect(producing.end(first, 'commit').error).toBe('PRODUCER_FENCED');
    expect(producing.init(first).error).toBe('PRODUCER_FENCED');
  });

  test('of a stranger does not touch what is open', () => {
    const producing = new Producing();
    const first = producing.init();
    producing.add(first);
    expect(producing.init({ id: 7, epoch: 0 }).error).toBe('PRODUCER_FENCED');
    expect(producing.end(first, 'commit').error).toBe('NONE');
  });

  test('gives another id when the epochs are used up', () => {
    const producing = new Producing();
    const { id } = producing.init();
    for (let epoch = 1; epoch <= LAST_EPOCH; epoch++) producing.init();
    const next = producing.init({ id, epoch: LAST_EPOCH });
    expect(next).toMatchObject({ epoch: 0, error: 'NONE' });
    expect(next.id).not.toBe(id);
    expect(producing.init({ id, epoch: LAST_EPOCH }), 'asked again').toEqual(next);
    expect(producing.init({ id, epoch: 5 }).error).toBe('PRODUCER_FENCED');
  });
});
