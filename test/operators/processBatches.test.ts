import { EMPTY, NEVER, Subject, map, take, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { processBatches } from '../../operators/index.ts';
import { OptionsError } from '../../src/errors/index.ts';
import type { RecordBatch } from '../../src/model/record.ts';
import { FakePartition, assigned } from '../support/fakePartition.ts';
import { watch } from '../support/watch.ts';

const span = (batch: RecordBatch): string => `${batch.firstOffset}-${batch.lastOffset}`;
const failed = new Error('failed');

describe('processBatches', () => {
  it('hands over whole batches and acks all their records after the value', () => {
    const p = new FakePartition({ records: 5, batch: 2 });
    const acked: number[] = [];
    const seen = watch(
      assigned(p).pipe(
        processBatches(span),
        map((value) => (acked.push(p.acks.length), value)),
      ),
    );
    expect(seen.values).toEqual(['0-1', '2-3', '4-4']);
    expect([acked, p.acks, p.pausesEver]).toEqual([[0, 2, 4], [0, 1, 2, 3, 4], 0]);
  });

  it('one batch at a time, with a pause while a handler runs', () => {
    const p = new FakePartition({ records: 6, batch: 3 });
    const running = new Subject<void>();
    watch(assigned(p).pipe(processBatches(() => running.pipe(take(1)))));
    expect([p.pauses, p.position, p.acks]).toEqual([1, 3, []]);
    running.next();
    expect([p.pauses, p.position, p.acks]).toEqual([1, 6, [0, 1, 2]]);
    running.next();
    expect([p.pauses, p.acks.length, p.mostOutstanding]).toEqual([0, 6, 1]);
  });

  it('never, empty, error, early unsubscription', () => {
    expect(watch(NEVER.pipe(processBatches(span))).log).toEqual([]);
    expect(watch(EMPTY.pipe(processBatches(span))).log).toEqual(['|']);
    expect(watch(throwError(() => failed).pipe(processBatches(span))).log).toEqual(['Error: failed']);
    const p = new FakePartition({ records: 2 });
    const running = new Subject<string>();
    const seen = watch(assigned(p).pipe(processBatches(() => running)));
    seen.unsubscribe();
    expect([running.observed, p.subscribed, p.pauses, p.acks]).toEqual([false, false, 0, []]);
  });

  it('a handler that throws ends with its error, and acks nothing of the batch', () => {
    const p = new FakePartition({ records: 4, batch: 2 });
    const handler = (batch: RecordBatch): string => {
      if (batch.firstOffset === 2) throw failed;
      return span(batch);
    };
    expect(watch(assigned(p).pipe(processBatches(handler))).log).toEqual(['0-1', 'Error: failed']);
    expect(p.acks).toEqual([0, 1]);
  });

  it('starts again at the first record that is not acked; what the handler acked counts as progress', () => {
    const scheduler = new TestScheduler(() => undefined);
    const p = new FakePartition({ records: 4, batch: 2, patience: { drainTimeout: 1, scheduler } });
    const calls: string[] = [];
    const handler = (batch: RecordBatch, { attempt }: { readonly attempt: number }): string => {
      calls.push(`${span(batch)} attempt ${attempt}`);
      if (calls.length === 1) throw failed;
      if (calls.length === 2) {
        batch.at(0).ack();
        throw failed;
      }
      return span(batch);
    };
    const seen = watch(assigned(p).pipe(processBatches(handler, { restart: () => timer(1, scheduler) })));
    scheduler.flush();
    expect(calls).toEqual(['0-1 attempt 1', '0-1 attempt 2', '1-2 attempt 1', '3-3 attempt 1']);
    expect([seen.values, p.acks]).toEqual([
      ['1-2', '3-3'],
      [0, 1, 2, 3],
    ]);
  });

  it('refuses what would stand still', () => {
    expect(() => processBatches(span, { concurrency: 0 })).toThrow(OptionsError);
  });
});
