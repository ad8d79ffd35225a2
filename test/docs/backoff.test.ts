import { timer } from 'rxjs';
import { test } from 'vitest';
import { processRecords } from '../../operators/index.ts';
import { fromKafka } from '../../src/index.ts';
import { runMarblesAsync } from '../../src/testing/index.ts';

test('an order whose billing fails is billed again half a minute later', () =>
  runMarblesAsync(({ cluster, scheduler, expectObservable }) => {
    cluster.topic('orders', 1, 2);
    const failing = [true, false, false];
    const bill = async ({ offset }: { offset: number }) => (failing.shift() ? Promise.reject(new Error('no')) : `billed ${offset}`);
    const billing = fromKafka(cluster, { groupId: 'billing', topics: ['orders'], scheduler }).pipe(
      processRecords(bill, { restart: () => timer(30_000) }),
    );
    expectObservable(billing).toBe('30012ms (ab)', { a: 'billed 0', b: 'billed 1' });
  }));
