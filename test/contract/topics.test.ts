import { mergeMap, tap, type Subscription } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { fromKafka, type ConsumerEvent, type ConsumerOptions } from '../../src/index.ts';
import { eventually, uniqueTopic } from '../support/kafka.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';
import { topicsOf } from './grounds/topics.ts';

await describeGrounds('topics that come and go', (ground) => {
  const running: Subscription[] = [];
  afterEach(() => {
    for (const subscription of running.splice(0)) subscription.unsubscribe();
  });

  /** A member that acks what it reads: what that is, and what it was told of. */
  function member(topics: ConsumerOptions['topics'], groupId: string): { readonly seen: string[]; readonly told: ConsumerEvent[] } {
    const seen: string[] = [];
    const told: ConsumerEvent[] = [];
    const options = {
      ...{ groupId, topics, metadataMaxAge: 300, sessionTimeout: 6_000, heartbeatInterval: 200, commit: { interval: 100 } },
      ...{ startFrom: 'latest', events: (event: ConsumerEvent) => void told.push(event) },
    } as ConsumerOptions;
    const read = fromKafka(ground.source(), options).pipe(
      mergeMap((partition) =>
        partition.pipe(
          tap((record) => {
            seen.push(`${partition.key}@${String(record.offset)}`);
            record.ack();
          }),
        ),
      ),
    );
    running.push(read.subscribe({ error: (error: unknown) => seen.push(String(error)) }));
    return { seen, told };
  }

  const lost = (told: readonly ConsumerEvent[]): readonly string[] =>
    told.flatMap((event) => (event.kind === 'lost' ? event.partitions.map(({ topic }) => `${topic} ${String(event.reason)}`) : []));

  test('a topic that appears and matches, and a partition that is added, are read from their beginnings', async () => {
    const [prefix, groupId] = [uniqueTopic('come'), uniqueTopic('come')];
    const topics = topicsOf(ground);
    const { seen, told } = member(new RegExp(`^${prefix}-`), groupId);
    await eventually(() => expect(told.some(({ kind }) => kind === 'assigned')).toBe(true), { what: 'an empty assignment' });

    await topics.create(`${prefix}-a`, 1);
    await ground.produce({ topic: `${prefix}-a`, partitions: 1, count: 3 });
    await eventually(() => expect(seen).toEqual([0, 1, 2].map((offset) => `${prefix}-a-0@${String(offset)}`)), { what: 'the topic' });

    await topics.grow(`${prefix}-a`, 2);
    await ground.produce({ topic: `${prefix}-a`, partitions: 2, count: 4 });
    await eventually(
      () =>
        expect([...seen].sort()).toEqual([
          ...[0, 1, 2, 3, 4].map((offset) => `${prefix}-a-0@${String(offset)}`),
          ...[0, 1].map((offset) => `${prefix}-a-1@${String(offset)}`),
        ]),
      { what: 'the partition' },
    );
  }, 60_000);

  test('a topic that is deleted is lost, and its neighbour is not; created again it is read from its beginning, and nothing of the old one is committed', async () => {
    const groupId = uniqueTopic('go');
    const [stays, goes] = [await ground.createTopic('stays', { partitions: 1 }), await ground.createTopic('goes', { partitions: 1 })];
    const topics = topicsOf(ground);
    const { seen, told } = member([stays, goes], groupId);
    await eventually(() => expect(told.filter(({ kind }) => kind === 'positioned')).toHaveLength(2), { what: 'both are held' });
    await ground.produce({ topic: goes, partitions: 1, count: 20 });
    await eventually(async () => expect(await ground.committed(groupId, goes)).toEqual([20]), { what: 'the old one is committed' });

    await topics.remove(goes);
    await eventually(() => expect(lost(told)).toEqual([`${goes} deleted`]), { what: 'it is lost' });
    await ground.produce({ topic: stays, partitions: 1, count: 2 });
    await eventually(() => expect(seen).toContain(`${stays}-0@1`), { what: 'its neighbour goes on' });

    seen.length = 0;
    await topics.create(goes, 1);
    await ground.produce({ topic: goes, partitions: 1, count: 5 });
    await eventually(() => expect(seen).toEqual([0, 1, 2, 3, 4].map((offset) => `${goes}-0@${String(offset)}`)), { what: 'the new one' });
    await eventually(async () => expect(await ground.committed(groupId, goes)).toEqual([5]), { what: 'the new one is committed' });
  }, 60_000);

  test('a topic that is deleted and created again at once is another one', async () => {
    const groupId = uniqueTopic('again');
    const topic = await ground.createTopic('again', { partitions: 1 });
    const topics = topicsOf(ground);
    const { seen, told } = member(topic, groupId);
    await eventually(() => expect(told.some(({ kind }) => kind === 'positioned')).toBe(true), { what: 'it is held' });
    await ground.produce({ topic, partitions: 1, count: 20 });
    await eventually(async () => expect(await ground.committed(groupId, topic)).toEqual([20]), { what: 'the old one is committed' });
    seen.length = 0;

    await topics.remove(topic);
    await topics.create(topic, 1);
    await ground.produce({ topic, partitions: 1, count: 25 });
    await eventually(() => expect(lost(told)).toHaveLength(1), { what: 'the old one is lost' });
    const all = Array.from({ length: 25 }, (_, offset) => `${topic}-0@${String(offset)}`);
    await eventually(() => expect(new Set(seen)).toEqual(new Set(all)), { what: 'all of the new one' });
    await eventually(async () => expect(await ground.committed(groupId, topic)).toEqual([25]), { what: 'the new one is committed' });
  }, 60_000);
});
