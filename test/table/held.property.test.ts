import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../../src/model/record.ts';
import { Model, someSpec, viewOfSpec, type Spec } from './model.ts';
import { offsets, tableOf, working } from './scenario.ts';

type Step =
  | { readonly kind: 'push'; readonly spec: Spec }
  | { readonly kind: 'take' | 'resubscribe' | 'ackAll' }
  | { readonly kind: 'ack'; readonly which: number; readonly detached: boolean }
  | { readonly kind: 'seek'; readonly back: number };

const some = <K extends Step['kind']>(kind: K): fc.Arbitrary<{ kind: K }> => fc.record({ kind: fc.constant(kind) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), spec: someSpec }) },
  { weight: 8, arbitrary: some('take') },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ack' as const), which: fc.nat(60), detached: fc.boolean() }) },
  { weight: 1, arbitrary: some('ackAll') },
  { weight: 2, arbitrary: some('resubscribe') },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('seek' as const), back: fc.nat(12) }) },
);
const life = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
  window: fc.constantFrom(1, 3, Infinity),
  mark: fc.constantFrom(Infinity, Infinity, 30),
  whole: fc.boolean(),
});

interface Given {
  readonly record: KafkaRecord;
  readonly epoch: number;
}

/** A cursor and the model beside it, taken through the same steps. */
function play({ steps, window, mark, whole }: { steps: readonly Step[]; window: number; mark: number; whole: boolean }): void {
  const { table } = tableOf({ window: { records: window, bytes: Infinity } });
  const cursor = working(table, 10, mark === Infinity ? {} : { mark });
  let model = new Model(10, window, mark);
  const given: Given[] = [];
  let acks = 0;
  let epoch = 0;
  let before = { position: 10, committable: 10 };

  const ack = ({ record, epoch: of }: Given, detached = false): void => {
    if (of === epoch && !model.acked.has(record.offset)) {
      model.acked.add(record.offset);
      acks++;
    }
    (detached ? record.detach() : record).ack();
  };

  for (const one of steps) {
    if (cursor.over) return;
    switch (one.kind) {
      case 'push': {
        const view = viewOfSpec(one.spec, model);
        if (view === undefined) break;
        model.push(view, one.spec.deliverable);
        cursor.receive(view, one.spec.deliverable);
        break;
      }
      case 'take': {
        const wanted = model.take(whole);
        const batch = whole ? cursor.delivery.takeBatch() : undefined;
        const record = whole ? undefined : cursor.delivery.take();
        const got = batch === undefined ? (record === undefined ? [] : [record]) : [...batch];
        expect(offsets(got)).toEqual(wanted);
        if (batch !== undefined)
          expect([batch.length, batch.firstOffset, batch.lastOffset]).toEqual([wanted.length, wanted[0], wanted.at(-1)]);
        given.push(...got.map((record) => ({ record, epoch })));
        break;
      }
      case 'ack': {
        const chosen = given[one.which % Math.max(1, given.length)];
        if (chosen !== undefined) ack(chosen, one.detached);
        break;
      }
      case 'ackAll':
        for (const chosen of given) ack(chosen);
        break;
      case 'resubscribe':
        cursor.delivery.detach();
        cursor.delivery.attach();
        model.now.clear();
        before = { ...before, position: 0 };
        break;
      case 'seek': {
        const to = Math.max(0, (cursor.position ?? 0) - one.back);
        cursor.relocate({ kind: 'place', at: { offset: to } }, 'seek');
        expect([cursor.position, cursor.committable, cursor.held.bytes]).toEqual([undefined, undefined, 0]);
        cursor.locate(to);
        model = new Model(to, window, mark);
        epoch++;
        before = { position: to, committable: to };
        break;
      }
    }
    const { position = NaN, committable = NaN, fetchOffset = NaN, held } = cursor;
    const risen = position >= before.position && committable >= before.committable;
    const ordered = committable <= position && position <= fetchOffset;
    const [next = Infinity] = model.remaining;
    // Nothing is passed over, and nothing that is done lies between the position and the next record.
    const skipped = model.remaining.filter((offset) => offset < position);
    const stale = [...model.acked].filter((offset) => offset >= position && offset < next);
    before = { position, committable };
    expect([risen, ordered, skipped, stale, fetchOffset, committable, held.records, held.recordBytes, held.bytes, cursor.acks]).toEqual([
      true,
      true,
      [],
      [],
      model.fetchOffset,
      model.committable ?? position,
      model.outstanding,
      model.outstandingBytes,
      model.bytes,
      acks,
    ]);
  }
}

describe('what is held of a partition', () => {
  it('agrees with sets of offsets, whatever comes, is taken, acked in any order and twice, taken again or left behind', () => {
    fc.assert(fc.property(life, play), { numRuns: 250 });
  });
});
