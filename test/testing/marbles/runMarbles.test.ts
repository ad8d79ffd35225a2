import { concatMap, lastValueFrom, mergeMap, NEVER, retry, tap, timer } from 'rxjs';
import { expect, test } from 'vitest';
import { processRecords } from '../../../operators/index.ts';
import { fromKafka } from '../../../src/index.ts';
import { runMarbles, runMarblesAsync } from '../../../src/testing/index.ts';

const partitions = [{ topic: 'orders', partition: 0 }];

test('records, requests, acks, commits and events are drawn in one picture', () => {
  runMarbles(({ scheduler, cluster, events, told, ackAt, commits, expectObservable, expectRequests }) => {
    cluster.topic('orders', 1, 2);
    const orders = fromKafka(cluster, { groupId: 'billing', partitions, commit: { interval: 10 }, events, scheduler });
    expectObservable(orders.pipe(ackAt('---------ab', { a: 0, b: 1 }), mergeMap(({ offset }) => String(offset))), '25ms !').toBe('--------(01)');
    expectRequests('Fetch').toBe('-------fg', { f: 'fetch orders/0@0', g: 'fetch orders/0@2' });
    expectObservable(commits()).toBe('-------s----------c', { s: 'orders/0=0', c: 'orders/0=2' });
    expectObservable(told('assigned').pipe(mergeMap(({ partitions: { length } }) => String(length)))).toBe('--1');
  });
});

test('a stream is compared by its key, and not subscribed', () => {
  runMarbles(({ scheduler, cluster, expectObservable }) => {
    cluster.topic('orders', 1, 1);
    const orders = fromKafka(cluster, { partitions, scheduler, unattendedTimeout: false });
    expectObservable(orders).toBe('--s', { s: 'orders-0' });
    expectObservable(cluster.sent('Fetch')).toBe('');
  });
});

test('what differs is shown line by line, what was expected above what was seen', () => {
  const differing = (): void =>
    runMarbles(({ scheduler, cluster, expectRequests, expectObservable }) => {
      cluster.topic('orders', 1, 1);
      expectObservable(fromKafka(cluster, { partitions, scheduler }).pipe(mergeMap((stream) => stream)), '10ms !');
      expectRequests('Fetch').toBe('f', { f: 'fetch orders/0@7' });
    });
  expect(differing).toThrow(/expected:\n {2}0 fetch orders\/0@7\n\nseen:\n {2}5 fetch orders\/0@0\n/);
});

test('an expectation that says nothing of its end ends with the run', () => {
  runMarbles(
    ({ scheduler, cluster, expectRequests, expectObservable }) => {
      cluster.topic('orders');
      expectObservable(fromKafka(cluster, { partitions, scheduler, startFrom: { offset: 0 } }).pipe(mergeMap((stream) => stream))).toBe('');
      expectRequests('Fetch').toBe('---f 500ms f 500ms f', { f: 'fetch orders/0@0' });
    },
    { end: 1_400 },
  );
});

test('the run goes on until a second after what is played, too', () => {
  const unexpected = (): void =>
    runMarbles(({ scheduler, cluster, play, expectRequests, expectObservable }) => {
      cluster.topic('orders', 1, 1);
      const orders = fromKafka(cluster, { partitions, startFrom: 'earliest', scheduler }).pipe(mergeMap((stream) => stream));
      expectObservable(orders).toBe('-----r', { r: 'orders-0@0' });
      expectRequests('Metadata').toBe('-m', { m: 'metadata' });
      play('20s a', { a: () => cluster.append('orders', 0, 1) });
    });
  expect(unexpected).toThrow('20001 orders-0@1');
});

test('what is written wrongly is said at once', () => {
  runMarbles(({ cluster, play, ackAt, expectRequests }) => {
    expect(() => expectRequests('OffsetComit')).toThrow('no API is called OffsetComit');
    expect(() => play('--x', {})).toThrow("play('--x'): nothing is said of x");
    expect(() => ackAt('--x', { a: 0 })).toThrow("ackAt('--x'): nothing is said of x");
    expect(() => cluster.inject({ api: 'CommitOffset', kind: 'noAnswer' })).toThrow('no API is called CommitOffset');
    expect(() => cluster.inject({ kind: 'error', error: 'NOT_COORDINATR' })).toThrow('Kafka has no error NOT_COORDINATR');
    expect(() => cluster.inject({ kind: 'noAnswer', node: 7 })).toThrow('there is no broker 7: there are 1');
    expect(() => cluster.apply({ kind: 'down', node: 7 })).toThrow('there is no broker 7: there are 1');
  });
});

test('a function that draws later draws nothing', async () => {
  const later = async (): Promise<void> => Promise.resolve();
  await expect(runMarblesAsync(later as () => void)).rejects.toThrow('must not be async');
});

test('what is still connected at the end is a failure', () => {
  const leaking = (): void =>
    runMarbles(({ scheduler, cluster }) => {
      cluster.topic('orders');
      scheduler.schedule(() => cluster.connect().subscribe());
    });
  expect(leaking).toThrow('1 connections are still open');
});

test('a timer that goes on for ever is a failure', () => {
  expect(() => runMarbles(() => timer(0, 1_000).subscribe())).toThrow('a timer is still armed');
});

test('a promise in a synchronous run is a failure that says what to use', () => {
  const waiting = (): void =>
    runMarbles(({ scheduler, cluster, expectObservable }) => {
      cluster.topic('orders', 1, 1);
      const handled = fromKafka(cluster, { groupId: 'billing', topics: ['orders'], scheduler }).pipe(processRecords(async () => Promise.resolve()));
      expectObservable(handled, '1s !').toBe('');
    });
  expect(waiting).toThrow('use runMarblesAsync');
});

test('so it is where the picture is another one for that reason', () => {
  const waiting = (): void =>
    runMarbles(({ scheduler, cluster, expectObservable }) => {
      cluster.topic('orders', 1, 1);
      const handled = fromKafka(cluster, { partitions, startFrom: 'earliest', scheduler }).pipe(processRecords(async () => Promise.resolve(1)));
      expectObservable(handled).toBe('-----1');
    });
  expect(waiting).toThrow('use runMarblesAsync');
});

test('so it is for an async function that waits, though nobody waits for it', () => {
  const waiting = (): void =>
    runMarbles(({ expectObservable, cold }) => {
      const seen: string[] = [];
      const work = async (letter: string): Promise<void> => {
        await Promise.resolve();
        seen.push(letter);
      };
      expectObservable(cold('a|').pipe(tap((letter) => void work(letter)))).toBe('a|');
    });
  expect(waiting).toThrow('use runMarblesAsync');
});

test('a picture that is drawn while a run with promises goes on is in milliseconds, too', async () => {
  await runMarblesAsync(({ expectObservable, cold }) => {
    const inner = cold('a|').pipe(mergeMap(() => cold('--b|')));
    expectObservable(inner).toBe('--b|');
  });
});

test('what is thrown where nobody catches it is the failure of the run', async () => {
  const played = runMarblesAsync(({ cluster, play }) => {
    play('-a', { a: () => cluster.append('nowhere', 0, 1) });
  });
  await expect(played).rejects.toThrow('there is no partition nowhere/0');
});

test('promises settle in no time: a handler that fails once is back after half a minute', async () => {
  const seen: number[] = [];
  let failed = false;
  await runMarblesAsync(({ scheduler, cluster, expectObservable }) => {
    cluster.topic('orders', 1, 3);
    const handle = async ({ offset }: { readonly offset: number }): Promise<string> => {
      await Promise.resolve();
      if (offset === 1 && !failed) {
        failed = true;
        throw new Error('once');
      }
      seen.push(offset);
      return String(offset);
    };
    const handled = fromKafka(cluster, { partitions, startFrom: 'earliest', scheduler }).pipe(processRecords(handle, { restart: () => timer(30_000) }));
    expectObservable(handled, '40s !').toBe('------0 29999ms (12)');
  });
  expect(seen).toEqual([0, 1, 2]);
});

test('operators that were given no scheduler are in virtual time, in promises too', async () => {
  const began = performance.now();
  await runMarblesAsync(({ expectObservable, cold }) => {
    const slow = cold('a|').pipe(
      concatMap(async (letter) => {
        await lastValueFrom(timer(10_000), { defaultValue: 0 });
        return letter;
      }),
    );
    expectObservable(slow).toBe('10s (a|)');
  });
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('runs with promises are one at a time', async () => {
  const first = runMarblesAsync(({ expectObservable }) => expectObservable(NEVER, '5s !').toBe(''));
  await expect(runMarblesAsync(() => undefined)).rejects.toThrow('another runMarblesAsync is under way');
  await first;
});

test('what the picture is drawn wrongly of is a failure in a run with promises as well', async () => {
  const wrong = runMarblesAsync(({ expectObservable, cold }) => expectObservable(cold('a|').pipe(tap(), retry(1))).toBe('b|'));
  await expect(wrong).rejects.toThrow('what happened is not what was drawn');
});
