import { NEVER, Subject, VirtualTimeScheduler, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { OptionsError, type OptionsIssue } from '../src/errors/index.ts';
import { cooperativeSticky } from '../src/group/assignors/cooperativeSticky.ts';
import { range } from '../src/group/assignors/range.ts';
import { readOptions, type ConsumerOptions } from '../src/options.ts';
import { steadyScheduler } from '../src/transport/steadyScheduler.ts';

const group = { groupId: 'billing', topics: 'orders' };
const manual = { partitions: [{ topic: 'orders', partition: 3 }] };
const MiB = 1024 * 1024;

/** What is wrong with them. */
function issues(options: unknown): readonly OptionsIssue[] {
  try {
    readOptions(options as ConsumerOptions);
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsError);
    return (error as OptionsError).issues;
  }
  return [];
}

const paths = (options: unknown): readonly string[] => issues(options).map(({ path }) => path);

describe('readOptions: defaults', () => {
  it('of a member of a group', () => {
    const { random, ...settings } = readOptions(group);
    expect(settings).toEqual({
      mode: {
        kind: 'group',
        groupId: 'billing',
        topics: ['orders'],
        leaveOnClose: true,
        assignors: [cooperativeSticky],
        sessionTimeout: 45_000,
        heartbeatInterval: 3_000,
        rebalanceTimeout: 60_000,
      },
      delivery: 'at-least-once',
      commit: { interval: 5_000, records: Infinity },
      autoOffsetReset: 'earliest',
      isolationLevel: 'read_committed',
      window: { records: 10_000, bytes: 16 * MiB },
      maxBuffered: 64 * MiB,
      checkCrcs: true,
      fetch: { minBytes: 1, maxWait: 500, maxBytes: 8 * MiB, maxPartitionBytes: MiB },
      requestTimeout: 30_000,
      backoff: { initial: 100, max: 10_000, jitter: 0.2 },
      drainTimeout: 30_000,
      closeTimeout: 5_000,
      startTimeout: 60_000,
      metadataMaxAge: 300_000,
      unattendedTimeout: 30_000,
      scheduler: steadyScheduler,
    });
    for (let draw = 0; draw < 100; draw++) {
      expect(random()).toBeGreaterThanOrEqual(0);
      expect(random()).toBeLessThan(1);
    }
  });

  it('of partitions: nothing is committed without a groupId', () => {
    expect(readOptions(manual)).toMatchObject({ mode: { kind: 'manual', partitions: manual.partitions }, commit: false });
    expect(readOptions({ ...manual, groupId: 'g' })).toMatchObject({ mode: { groupId: 'g' }, commit: { interval: 5_000 } });
    expect(readOptions(manual).mode).not.toHaveProperty('groupId');
  });

  it('that depend on others', () => {
    expect(readOptions({ ...group, rackId: 'r1' }).mode).toMatchObject({ rackId: 'r1' });
    expect(readOptions({ ...group, instanceId: 'i' }).mode).toMatchObject({ instanceId: 'i', leaveOnClose: false });
    expect(readOptions({ ...group, instanceId: 'i', leaveOnClose: true }).mode).toMatchObject({ leaveOnClose: true });
    expect(readOptions({ ...group, sessionTimeout: 6_000 }).mode).toMatchObject({ heartbeatInterval: 2_000 });
    expect(readOptions({ ...group, sessionTimeout: 1 }).mode).toMatchObject({ heartbeatInterval: 1 });
    expect(readOptions({ ...group, commit: { records: 7 } }).commit).toEqual({ interval: 5_000, records: 7 });
    expect(readOptions({ ...group, commit: false }).commit).toBe(false);
  });

  it('undefined is as good as absent', () => {
    const all = { ...group, window: undefined, until: undefined, commit: undefined, partitions: undefined, startFrom: undefined };
    const { random, ...settings } = readOptions(all as unknown as ConsumerOptions);
    const { random: other, ...usual } = readOptions(group);
    expect(settings).toEqual(usual);
    expect(random).toBe(other);
  });

  it('the result is frozen, and what is given is left alone', () => {
    const given = { ...group, topics: ['a', 'b', 'a'], window: { records: 1 } };
    const settings = readOptions(given);
    const parts = [settings, settings.mode, settings.window, settings.fetch, settings.backoff, settings.commit];
    expect(parts.every((part) => Object.isFrozen(part))).toBe(true);
    expect(settings.mode).toMatchObject({ topics: ['a', 'b'] });
    expect([Object.isFrozen(given), Object.isFrozen(given.topics), Object.isFrozen(given.window)]).toEqual([false, false, false]);
  });
});

describe('readOptions: what is taken', () => {
  const taken: readonly object[] = [
    { startFrom: 'earliest' },
    { startFrom: 'latest' },
    { startFrom: { offset: 0 } },
    { startFrom: { timestamp: 1_700_000_000_000 } },
    { startFrom: { ago: 0.5 } },
    { startFrom: () => of({ offset: 1 }) },
    { autoOffsetReset: 'none' },
    { stopAt: 'end' },
    { stopAt: { timestamp: 0 } },
    { until: new AbortController().signal },
    { until: NEVER },
    { until: Promise.resolve() },
    { until: [1] },
    { isolationLevel: 'read_uncommitted' },
    { startTimeout: 0, drainTimeout: 0, closeTimeout: 0, requestTimeout: 2 ** 31 - 501 },
    { unattendedTimeout: false },
    { unattendedTimeout: 1 },
    { events: () => undefined },
    { events: new Subject() },
    { scheduler: new VirtualTimeScheduler(), random: () => 0.5 },
    { window: { records: 1, bytes: 1 }, maxBuffered: 1, fetch: { minBytes: 1, maxWait: 1, maxBytes: 1, maxPartitionBytes: 1 } },
    { backoff: { initial: 1, max: 1, jitter: 0 } },
    { backoff: { jitter: 1 } },
    { commit: { interval: 1, records: 1 } },
    { assignors: [range] },
    { topics: ['a.b_c-D9', 'x'.repeat(249)] },
  ];
  it.each(taken)('%o', (options) => {
    expect(issues({ ...group, ...options })).toEqual([]);
  });

  it('each partition with its own start', () => {
    const partitions = [
      { topic: 'a', partition: 0, startFrom: { offset: 7 } },
      { topic: 'a', partition: 1, startFrom: 'latest' as const },
    ];
    expect(readOptions({ partitions }).mode).toEqual({ kind: 'manual', partitions });
  });
});

describe('readOptions: what is refused', () => {
  const refused: readonly (readonly [string, object, ...string[]])[] = [
    ['neither topics nor partitions', {}, 'groupId', 'topics'],
    ['topics without a groupId', { topics: 'a' }, 'groupId'],
    ['a groupId alone', { groupId: 'g' }, 'topics'],
    ['topics and partitions', { ...group, ...manual }, 'topics'],
    ['an empty groupId', { ...group, groupId: '' }, 'groupId'],
    ['a groupId that is no string', { ...group, groupId: 7 }, 'groupId'],
    ["a member's option without membership", { ...manual, sessionTimeout: 6_000, instanceId: 'i' }, 'instanceId', 'sessionTimeout'],
    ['no topic', { ...group, topics: [] }, 'topics'],
    [
      'names that Kafka does not take',
      { ...group, topics: ['a b', '..', '.', '', 'x'.repeat(250), 7] },
      ...[0, 1, 2, 3, 4, 5].map((n) => `topics[${n}]`),
    ],
    ['patterns with a memory', { ...group, topics: [/a/g, /b/y] }, 'topics[0]', 'topics[1]'],
    ['an empty instanceId', { ...group, instanceId: '' }, 'instanceId'],
    ['an empty rackId', { ...group, rackId: '' }, 'rackId'],
    ['no assignor', { ...group, assignors: [] }, 'assignors'],
    ['what is no assignor, and one twice', { ...group, assignors: ['range', range, range] }, 'assignors[0]', 'assignors[2].name'],
    ['heartbeats as rare as sessions', { ...group, sessionTimeout: 3_000, heartbeatInterval: 3_000 }, 'heartbeatInterval'],
    ['a session of no time', { ...group, sessionTimeout: 0 }, 'sessionTimeout'],
    ['half a millisecond on the wire', { ...group, sessionTimeout: 1_000.5, rebalanceTimeout: 0.5 }, 'sessionTimeout', 'rebalanceTimeout'],
    ['no partition', { partitions: [] }, 'partitions'],
    ['partitions that are none', { partitions: 'orders-3' }, 'partitions'],
    ['a partition twice', { partitions: [...manual.partitions, ...manual.partitions] }, 'partitions[1]'],
    [
      'half a partition',
      { partitions: [{ topic: 'a' }, { partition: 1 }, 7, null] },
      'partitions[0].partition',
      'partitions[1].topic',
      'partitions[2]',
      'partitions[3]',
    ],
    ['a partition out of range', { partitions: [{ topic: 'a', partition: -1 }] }, 'partitions[0].partition'],
    ['a start out of range', { partitions: [{ topic: 'a', partition: 0, startFrom: { offset: -1 } }] }, 'partitions[0].startFrom.offset'],
    ['offsets that are none', { ...group, startFrom: { offset: 1.5 } }, 'startFrom.offset'],
    ['an offset beyond the safe integers', { ...group, startFrom: { offset: 2 ** 53 } }, 'startFrom.offset'],
    ['a time before the epoch', { ...group, startFrom: { timestamp: -2 } }, 'startFrom.timestamp'],
    ['a future', { ...group, startFrom: { ago: -1 } }, 'startFrom.ago'],
    ['two starts', { ...group, startFrom: { offset: 1, ago: 1 } }, 'startFrom'],
    ['an unknown start', { ...group, startFrom: 'begin' }, 'startFrom'],
    ['an unknown reset', { ...group, autoOffsetReset: 'smallest' }, 'autoOffsetReset'],
    ['an unknown stop', { ...group, stopAt: 'now' }, 'stopAt'],
    ['a stop without its time', { ...group, stopAt: {} }, 'stopAt.timestamp'],
    ['what never emits', { ...group, until: {} }, 'until'],
    ['a word for a signal', { ...group, until: 'SIGTERM' }, 'until'],
    [
      'times that are none',
      { ...group, drainTimeout: -1, closeTimeout: NaN, startTimeout: Infinity },
      'drainTimeout',
      'closeTimeout',
      'startTimeout',
    ],
    ['times beyond 32 bits', { ...group, drainTimeout: 2 ** 31, unattendedTimeout: Infinity }, 'drainTimeout', 'unattendedTimeout'],
    ['a fetch that waits beyond 32 bits', { ...group, requestTimeout: 2 ** 31 - 1 }, 'requestTimeout'],
    ['a rebalance that waits beyond 32 bits', { ...group, rebalanceTimeout: 2 ** 31 - 1 }, 'rebalanceTimeout'],
    ['text for a number', { ...group, requestTimeout: '30s' }, 'requestTimeout'],
    ['an empty window', { ...group, window: { records: 0, bytes: 0.5 } }, 'window.records', 'window.bytes'],
    ['a number for a window', { ...group, window: 100 }, 'window'],
    ['an array for a window', { ...group, window: [100] }, 'window'],
    ['no buffer', { ...group, maxBuffered: 0 }, 'maxBuffered'],
    ['requests for nothing', { ...group, fetch: { minBytes: 0, maxWait: 0 } }, 'fetch.minBytes', 'fetch.maxWait'],
    ['more than the wire can say', { ...group, fetch: { maxBytes: 2 ** 31 } }, 'fetch.maxBytes'],
    ['back-off the wrong way round', { ...group, backoff: { initial: 200, max: 100 } }, 'backoff.initial'],
    ['a maximum below the default', { ...group, backoff: { max: 50 } }, 'backoff.max'],
    ['jitter beyond the wait', { ...group, backoff: { jitter: 1.1 } }, 'backoff.jitter'],
    ['commits at no time', { ...group, commit: { interval: 0, records: 0 } }, 'commit.interval', 'commit.records'],
    ['commit: true', { ...group, commit: true }, 'commit'],
    ['commits to nowhere', { ...manual, commit: { interval: 1_000 } }, 'commit'],
    ['at-most-once with commit', { ...group, delivery: 'at-most-once', commit: false }, 'commit'],
    ['at-most-once without a group', { ...manual, delivery: 'at-most-once' }, 'delivery'],
    ['an unknown isolation', { ...group, isolationLevel: 'serializable' }, 'isolationLevel'],
    ['switches that are none', { ...group, checkCrcs: 1, leaveOnClose: 'no' }, 'leaveOnClose', 'checkCrcs'],
    ['listeners, clocks and chance that are none', { ...group, events: {}, scheduler: {}, random: 0.5 }, 'events', 'scheduler', 'random'],
  ];
  it.each(refused)('%s', (_name, options, ...expected) => {
    expect(paths(options)).toEqual(expected);
  });

  it.each([undefined, null, 7, 'orders', []])('options that are none: %o', (options) => {
    expect(paths(options)).toContain('topics');
  });
});

describe('readOptions: the words', () => {
  it('every mistake in one error, with what is allowed and what was probably meant', () => {
    const options = {
      ...group,
      groupID: 'x',
      sesionTimeout: 1,
      widnow: {},
      maxWait: 5,
      window: { record: 3 },
      colour: 'red',
      requestTimeout: '1',
    };
    expect(() => readOptions(options as unknown as ConsumerOptions)).toThrowErrorMatchingInlineSnapshot(`
      [OptionsError: these options cannot be used:
        window.record: 3; allowed: no such option. Did you mean window.records?
        requestTimeout: "1"; allowed: milliseconds from 1 to 2147483647.
        groupID: "x"; allowed: no such option. Did you mean groupId?
        sesionTimeout: 1; allowed: no such option. Did you mean sessionTimeout?
        widnow: [Object]; allowed: no such option. Did you mean window?
        maxWait: 5; allowed: no such option. Did you mean fetch.maxWait?
        colour: [a string]; allowed: no such option.]
    `);
    expect(issues(options).map(({ path, suggestion }) => [path, suggestion])).toEqual([
      ['window.record', 'window.records'],
      ['requestTimeout', undefined],
      ['groupID', 'groupId'],
      ['sesionTimeout', 'sessionTimeout'],
      ['widnow', 'window'],
      ['maxWait', 'fetch.maxWait'],
      ['colour', undefined],
    ]);
  });

  it('gives nothing away but primitives, and these shortly', () => {
    const secret = { password: 'hunter2', toString: () => 'hunter2' };
    const options = {
      ...group,
      window: [secret],
      events: secret,
      until: secret,
      random: 'x'.repeat(500),
      scheduler: new Map([['a', secret]]),
    };
    const given = issues(options).map((issue) => issue.given);
    expect(given).toEqual(
      ['[an array of 1]', '[Object]', '[Object]', '[Map]', `${'x'.repeat(60)}…`].sort((a, b) => given.indexOf(a) - given.indexOf(b)),
    );
    expect(JSON.stringify(issues(options))).not.toContain('hunter2');
  });
});
