import { mergeMap, Subject, tap, type Subscription } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { fromKafka, InstanceFencedError, type ConsumerEvent } from '../../src/index.ts';
import { eventually, uniqueTopic } from '../support/kafka.ts';
import { describeGrounds } from './grounds/describeGrounds.ts';
import type { Ground, Source } from './grounds/ground.ts';
import { mortal } from './grounds/mortal.ts';
import { watched } from './grounds/moments.ts';

const partitions = 4;
const sessionTimeout = 6_000;

/** A static member, and all that is seen of it. */
class Member {
  readonly seen: string[] = [];
  readonly told: ConsumerEvent[] = [];
  readonly errors: unknown[] = [];
  private readonly held = new Set<number>();
  private readonly until = new Subject<void>();
  private readonly life: Subscription;
  private over = false;

  constructor(source: Source, instanceId: string, { topic, groupId }: Meeting) {
    const options = {
      groupId,
      topics: topic,
      instanceId,
      sessionTimeout,
      heartbeatInterval: 100,
      commit: { interval: 100 },
      until: this.until,
    };
    this.life = fromKafka(source, { ...options, events: (event) => void this.told.push(event) })
      .pipe(
        mergeMap((stream) => {
          this.held.add(stream.partition);
          return stream.pipe(
            tap({
              next: (record) => {
                this.seen.push(`${record.partition}@${record.offset}`);
                record.ack();
              },
              finalize: () => void this.held.delete(stream.partition),
            }),
          );
        }),
      )
      .subscribe({ error: (error: unknown) => this.errors.push(error), complete: () => (this.over = true) });
  }

  get partitions(): readonly number[] {
    return [...this.held].sort();
  }

  /** The last one that it joined in. */
  get generation(): number {
    return this.told.reduce((last, event) => (event.kind === 'joined' ? event.generation : last), -1);
  }

  /** How often it joined the group, and how often it was asked to give something up. */
  get rebalances(): number {
    return this.told.filter(({ kind }) => kind === 'joined' || kind === 'revokeRequested' || kind === 'lost').length;
  }

  async stop(): Promise<void> {
    this.until.next();
    await eventually(() => expect(this.over).toBe(true), { what: 'its end' });
  }

  unsubscribe(): void {
    this.life.unsubscribe();
  }
}

interface Meeting {
  readonly topic: string;
  readonly groupId: string;
}

await describeGrounds('static members', (ground: Ground) => {
  const members: Member[] = [];
  afterEach(() => {
    for (const member of members.splice(0)) member.unsubscribe();
  });

  const enter = (source: Source, instanceId: string, meeting: Meeting): Member => {
    const member = new Member(source, instanceId, meeting);
    members.push(member);
    return member;
  };

  async function meet(): Promise<Meeting> {
    const topic = await ground.createTopic('static', { partitions });
    await ground.produce({ topic, partitions, count: 400 });
    return { topic, groupId: uniqueTopic('static') };
  }

  test.each(['a graceful stop', 'a crash'])(
    'restarted within the session after %s: no rebalance for the others, and each record once',
    async (how) => {
      const meeting = await meet();
      const { topic } = meeting;
      const staying = enter(ground.source(), 'a', meeting);
      const way = mortal(ground.connector());
      const before = enter(way, 'b', meeting);
      const seen = (): readonly string[] => members.flatMap((member) => member.seen);
      await eventually(() => expect([staying, before].map((member) => member.partitions.length)).toEqual([2, 2]), { what: 'they share' });
      await eventually(async () => expect(await ground.committed(meeting.groupId, topic)).toEqual(await ground.ends(topic)), {
        what: 'all is committed',
      });
      await eventually(() => expect(staying.generation).toBe(before.generation), { what: 'the same generation' });
      const { rebalances } = staying;
      const [held, kept] = [before.partitions, staying.partitions];
      if (how === 'a crash') way.die();
      else await before.stop();
      before.unsubscribe();
      await ground.produce({ topic, partitions, count: 40, from: 400 });
      const after = enter(ground.source(), 'b', meeting);
      await eventually(() => expect(after.partitions).toEqual(held), { what: 'it has the same again' });
      await eventually(() => expect(seen()).toHaveLength(440), { what: 'what was written meanwhile' });
      expect(new Set(seen()).size).toBe(440);
      expect([staying.rebalances, staying.partitions]).toEqual([rebalances, kept]);
    },
    40_000,
  );

  test('the older of two with one instance id ends with InstanceFencedError, and stays so without a word to any broker', async () => {
    const meeting = await meet();
    let connections = 0;
    const source = watched(ground.connector(), (what, side) => {
      if (what === 'Connect' && side === 'before') connections++;
    });
    const older = enter(source, 'a', meeting);
    await eventually(() => expect(older.partitions).toHaveLength(partitions), { what: 'the older one has everything' });
    const newer = enter(ground.source(), 'a', meeting);
    await eventually(() => expect(older.errors).toHaveLength(1), { what: 'the end of the older one' });
    expect(older.errors[0]).toBeInstanceOf(InstanceFencedError);
    await eventually(() => expect(newer.partitions).toHaveLength(partitions), { what: 'the newer one has everything' });
    const made = connections;
    const again = enter(source, 'a', meeting);
    expect(again.errors).toEqual([]);
    await eventually(() => expect(again.errors).toHaveLength(1), { what: 'the same end again' });
    expect([again.errors[0], connections]).toEqual([older.errors[0], made]);
    expect([newer.errors, newer.partitions.length]).toEqual([[], partitions]);
  }, 40_000);
});
