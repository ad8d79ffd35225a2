import { expect, test } from 'vitest';
import { encodeBatch } from '../../src/protocol/encodeBatch.ts';
import { BatchView } from '../../src/protocol/recordBatch.ts';
import { Held } from '../../src/table/held.ts';
import { HeldBatch } from '../../src/table/heldBatch.ts';
import { Frame } from '../../src/table/frame.ts';

/** One memory with a batch for each size; as an answer in which several partitions lie. */
function answer(...sizes: readonly number[]): readonly BatchView[] {
  const batches = sizes.map((size) => encodeBatch([{ key: null, value: Buffer.alloc(size, 'v'), headers: [] }], { baseOffset: 0 }));
  const memory = Buffer.concat(batches);
  let at = 0;
  return batches.map(({ length }) => new BatchView(memory.subarray(at, (at += length))));
}

function hold(view: BatchView): { readonly held: Held; readonly batch: HeldBatch } {
  const held = new Held(() => undefined);
  const batch = new HeldBatch(held, { topic: 't', partition: 0 }, view, { from: 0, to: Infinity }, true);
  held.push(batch);
  return { held, batch };
}

const memoryOf = (batch: HeldBatch): ArrayBufferLike | undefined => batch.memory;

test('a batch that is left alone in a large answer moves out of it, with all that it holds', () => {
  const [large, small] = answer(100_000, 10);
  if (large === undefined || small === undefined) throw new Error('no batches');
  const busy = hold(large);
  const slow = hold(small);
  const { memory } = small;
  expect([memoryOf(busy.batch), memoryOf(slow.batch)]).toEqual([memory, memory]);

  busy.held.clear();
  expect(memoryOf(slow.batch)).not.toBe(memory);
  expect(memoryOf(slow.batch)?.byteLength).toBeLessThan(200);
  expect(slow.batch.contents().valueAt(0)?.toString()).toBe('v'.repeat(10));
});

test('so does one that is being delivered, and its records are what they were', () => {
  const [large, small] = answer(100_000, 10);
  if (large === undefined || small === undefined) throw new Error('no batches');
  const busy = hold(large);
  const slow = hold(small);
  const contents = slow.batch.contents();
  const { memory } = small;

  busy.held.clear();
  expect(contents.memory).not.toBe(memory);
  expect(contents.valueAt(0)?.toString()).toBe('v'.repeat(10));
});

test('where most of an answer is still held nothing is copied', () => {
  const [large, small, third] = answer(100_000, 10, 10);
  if (large === undefined || small === undefined || third === undefined) throw new Error('no batches');
  const busy = hold(large);
  const slow = hold(small);
  hold(third).held.clear();
  expect([memoryOf(busy.batch), memoryOf(slow.batch)]).toEqual([large.memory, large.memory]);
});

test('what was worked off before the small ones came is seen at the end of the answer', () => {
  const [large, small] = answer(100_000, 10);
  if (large === undefined || small === undefined) throw new Error('no batches');
  hold(large).held.clear();
  const slow = hold(small);
  expect(memoryOf(slow.batch)).toBe(small.memory);
  Frame.of(small.memory).settle();
  expect(memoryOf(slow.batch)).not.toBe(small.memory);
});
