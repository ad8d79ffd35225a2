import { mergeMap, retry, tap } from 'rxjs';
import { expect, test } from 'vitest';
import { ackEach } from '../operators/index.ts';
import { asMember, codeOf, marble, offsets } from '../test/support/scripted/index.ts';

function fail(error: unknown): never {
  throw error;
}

/** The stream is subscribed again 1 s after each error, as the docs say. */
function seenOf(api: string, made: Parameters<typeof marble>[1], options: object, after = 0): string[] {
  const seen: string[] = [];
  marble((kit) => {
    const { cluster, consume, play } = kit;
    cluster.topic('orders', 1, 2, { replicationFactor: 2 });
    cluster.inject({ api, topic: 'orders', partition: 0, kind: 'error', error: 'TOPIC_AUTHORIZATION_FAILED', after });
    const consumed = consume(options).pipe(
      mergeMap((stream) => stream.pipe(ackEach(), tap({ error: (e: unknown) => seen.push(String(codeOf(e))) }), retry({ delay: 1_000 }))), offsets());
    const live = consumed.subscribe({ next: (offset) => seen.push(offset), error: fail });
    play('20s z', { z: () => live.unsubscribe() });
  }, made)();
  return seen;
}

test('a place that could not be looked up is looked up when the stream is subscribed again', () => {
  expect(seenOf('ListOffsets', { brokers: 1 }, { startFrom: 'earliest' })).toEqual(['TOPIC_AUTHORIZATION_FAILED', '0', '1']);
});
test('so is what is committed', () => {
  expect(seenOf('OffsetFetch', { brokers: 1 }, { mode: asMember() })).toEqual(['TOPIC_AUTHORIZATION_FAILED', '0', '1']);
});
test('so is the range of a log that a position lies outside of', () => {
  const seen: string[] = [];
  marble((kit) => {
    const { cluster, consume, play } = kit;
    cluster.topic('orders', 1, 2);
    cluster.inject({ api: 'ListOffsets', topic: 'orders', partition: 0, kind: 'error', error: 'TOPIC_AUTHORIZATION_FAILED' });
    const consumed = consume({ startFrom: { offset: 50 } }).pipe(
      mergeMap((stream) => stream.pipe(ackEach(), tap({ error: (e: unknown) => seen.push(String(codeOf(e))) }), retry({ delay: 1_000 }))), offsets());
    const live = consumed.subscribe({ next: (offset) => seen.push(offset), error: fail });
    play('20s z', { z: () => live.unsubscribe() });
  })();
  expect(seen).toEqual(['TOPIC_AUTHORIZATION_FAILED', '0', '1']);
});
