import { afterEach, expect, test } from 'vitest';
import type { ConsumerOptions } from '../../src/index.ts';
import { eventually, uniqueTopic } from '../support/kafka.ts';
import { join, type Member } from './grounds/consumers/member.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';

const partitions = 4;
const all = [0, 1, 2, 3];

await describeGrounds('the members of a group', (ground) => {
  const sessionTimeout = 1_000;
  const members: Member[] = [];

  afterEach(() => {
    for (const member of members.splice(0)) member.vanish();
  });

  /** A topic with that many records, and who joins its group. */
  async function group(
    count: number,
  ): Promise<{ readonly topic: string; readonly groupId: string; enter(options?: Partial<ConsumerOptions>): Member }> {
    const topic = await ground.createTopic('members', { partitions });
    const groupId = uniqueTopic('members');
    await ground.produce({ topic, partitions, count });
    return {
      topic,
      groupId,
      enter: (options = {}) => {
        const member = join(ground, topic, groupId, {
          sessionTimeout,
          heartbeatInterval: 100,
          commit: { interval: 100 },
          ...options,
        } as ConsumerOptions);
        members.push(member);
        return member;
      },
    };
  }

  const seen = (): readonly string[] => members.flatMap((member) => member.seen);

  test('share the partitions; who stays gets those of who leaves; each record comes to one of them, once', async () => {
    const { topic, groupId, enter } = await group(400);
    const first = enter();
    await eventually(() => expect(first.held).toEqual(all), { what: 'the first has everything' });
    const second = enter();
    await eventually(() => expect([first.held, second.held].map(({ length }) => length)).toEqual([2, 2]), { what: 'they share' });
    expect([...first.held, ...second.held].sort()).toEqual(all);
    await ground.produce({ topic, partitions, count: 40, from: 400 });
    await eventually(() => expect(seen()).toHaveLength(440), { what: 'what was written then' });
    await first.leave();
    await eventually(() => expect(second.held).toEqual(all), { what: 'the second has everything' });
    await ground.produce({ topic, partitions, count: 40, from: 440 });
    await eventually(() => expect(seen()).toHaveLength(480), { what: 'what was written behind' });
    await second.leave();
    expect(new Set(seen()).size).toBe(480);
    expect(await ground.committed(groupId, topic)).toEqual(await ground.ends(topic));
  }, 30_000);

  test('take over from one that vanishes when its session is over, from where it had committed', async () => {
    const { topic, groupId, enter } = await group(400);
    const first = enter();
    await eventually(() => expect(first.held).toEqual(all), { what: 'the first has everything' });
    const second = enter();
    await eventually(() => expect(second.held).toHaveLength(2), { what: 'they share' });
    await eventually(async () => expect(await ground.committed(groupId, topic)).toEqual(await ground.ends(topic)), {
      what: 'all is committed',
    });
    first.vanish();
    await ground.produce({ topic, partitions, count: 40, from: 400 });
    await eventually(() => expect(second.held).toEqual(all), { what: 'the second has everything' });
    await eventually(() => expect(new Set(seen()).size).toBe(440), { what: 'what was written meanwhile' });
    expect(seen()).toHaveLength(440);
  }, 30_000);

  test('keep their partitions over a restart where they are static, and the others notice nothing', async () => {
    const { enter } = await group(400);
    const staying = enter({ instanceId: 'a', sessionTimeout: 6_000 });
    const before = enter({ instanceId: 'b', sessionTimeout: 6_000 });
    await eventually(() => expect([staying.held.length, before.held.length]).toEqual([2, 2]), { what: 'they share' });
    const { held } = before;
    const { given } = staying;
    before.vanish();
    const after = enter({ instanceId: 'b', sessionTimeout: 6_000 });
    await eventually(() => expect(after.held).toEqual(held), { what: 'it has the same again' });
    expect(staying.given).toBe(given);
  }, 30_000);
});
