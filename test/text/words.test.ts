import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drivers } from '../support/text/actions.ts';
import { expectations } from '../support/text/expectations.ts';
import { readFault } from '../support/text/faults.ts';
import { aboutPartition, aboutPicture } from '../support/text/kinds.ts';
import { batchesOf, bytesOf, countOf, millisecondsOf } from '../support/text/values.ts';

const around = { places: [{ topic: 'orders', partition: 0 }], brokers: 2 };
const readme = readFileSync(join(import.meta.dirname, '../../marbles/README.md'), 'utf8');

describe('what a mistake proposes can be written:', () => {
  test.each(Object.entries(drivers).flatMap(([lane, { takes }]) => takes.map((words) => [lane, words] as const)))(
    '> %s: %s',
    (lane, words) => {
      expect(drivers[lane]?.read(words, around)).toBeDefined();
    },
  );

  test.each(Object.entries(expectations).flatMap(([lane, { takes }]) => takes.map((words) => [lane, words] as const)))(
    '< %s: %s',
    (lane, words) => {
      expect(words).toMatch(expectations[lane]?.shape ?? /never/);
    },
  );
});

describe('the words of lanes that drive', () => {
  test.each([
    ['ack', 'ack orders/0@3', { kind: 'ack', place: around.places[0], offset: 3 }],
    ['append', 'append +3', { kind: 'append', place: around.places[0], records: 3 }],
    ['seek', 'seek committed', { kind: 'seek', place: around.places[0], to: 'committed' }],
    ['pause', 'resume orders/0', { kind: 'resume', place: around.places[0] }],
    ['cluster', 'move orders/0 to b2', { kind: 'happens', happening: { kind: 'move', topic: 'orders', partition: 0, leader: 2 } }],
    ['cluster', 'coordinator b2', { kind: 'happens', happening: { kind: 'moveCoordinator', node: 2 } }],
    [
      'cluster',
      'fault Fetch reset',
      { kind: 'happens', happening: { kind: 'fault', fault: { api: 'Fetch', kind: 'reset', when: 'before' } } },
    ],
  ])('> %s: %s', (lane, words, action) => {
    expect(drivers[lane]?.read(words, around)).toMatchObject(action);
  });

  test.each([
    ['ack', 'ack'],
    ['ack', 'ack orders/1@0'],
    ['append', 'append orders/0 3'],
    ['append', 'append orders/0 +0'],
    ['seek', 'seek'],
    ['pause', 'pause orders/0 twice'],
    ['cluster', 'move orders/0 to b3'],
    ['cluster', 'cut 1'],
    ['cluster', 'fault Fetch'],
  ])('> %s: not %s', (lane, words) => {
    expect(drivers[lane]?.read(words, around)).toBeUndefined();
  });

  test('have to say which partition where there are several', () => {
    const several = { ...around, places: [...around.places, { topic: 'orders', partition: 1 }] };
    expect(drivers['ack']?.read('ack 0', several)).toBeUndefined();
    expect(drivers['ack']?.read('ack orders/1@0', several)).toMatchObject({ place: { partition: 1 } });
  });
});

describe('the words of a fault', () => {
  test.each([
    ['Fetch REQUEST_TIMED_OUT 4 times', { api: 'Fetch', kind: 'error', error: 'REQUEST_TIMED_OUT', times: 4 }],
    [
      'Fetch orders/3 NOT_LEADER_OR_FOLLOWER',
      { api: 'Fetch', topic: 'orders', partition: 3, kind: 'error', error: 'NOT_LEADER_OR_FOLLOWER' },
    ],
    ['OffsetCommit late 20ms at b2', { api: 'OffsetCommit', node: 2, kind: 'latency', delay: 20 }],
    ['Heartbeat unanswered', { api: 'Heartbeat', kind: 'noAnswer' }],
    ['Fetch throttled 1s at b1 2 times', { api: 'Fetch', node: 1, kind: 'throttle', delay: 1_000, times: 2 }],
  ])('%s', (words, fault) => {
    expect(readFault(words)).toEqual(fault);
  });

  test.each(['Fetsh reset', 'Fetch late', 'Fetch reset at 2', 'Fetch NO_SUCH_ERROR', 'reset'])('not %s', (words) => {
    expect(readFault(words)).toBeUndefined();
  });
});

describe('values', () => {
  test('are times, counts, bytes and batches', () => {
    expect(['20ms', '1s', '5m', '20', 's'].map(millisecondsOf)).toEqual([20, 1_000, 300_000, undefined, undefined]);
    expect(['10', '10_000', '1k'].map(countOf)).toEqual([10, 10_000, undefined]);
    expect(['100', '64KiB', '1MiB', '1GB'].map(bytesOf)).toEqual([100, 65_536, 1_048_576, undefined]);
    expect(['0..2', '[0..2] 3', '[0] [1..2]', 'empty'].map((text) => batchesOf(text))).toEqual([[1, 1, 1], [3, 1], [1, 2], []]);
    expect(['1..2', '0 2', '[0..1', '2..1', ''].map((text) => batchesOf(text))).toEqual(Array.from({ length: 5 }, () => undefined));
  });
});

describe('marbles/README.md', () => {
  test('has every lane', () => {
    for (const lane of Object.keys(drivers)) expect(readme).toContain(`\`> ${lane}\``);
    for (const lane of Object.keys(expectations)) expect(readme).toContain(`\`< ${lane}\``);
  });

  test('has everything that can be given besides options', () => {
    for (const key of [...Object.keys(aboutPicture), ...Object.keys(aboutPartition), 'fault'])
      expect(readme).toMatch(new RegExp(`^\\| \`${key}`, 'm'));
  });

  test('shows the example as it is executed', () => {
    const executed = readFileSync(join(import.meta.dirname, '../../marbles/text/nextFetchWaitsForTheAck.txt'), 'utf8')
      .trimEnd()
      .split('\n');
    const [, shown = ''] = /^```\n(title[\s\S]*?)\n```/m.exec(readme) ?? [];
    expect(shown.split('\n').map((line, index) => line.startsWith(executed[index] ?? '?'))).toEqual(executed.map(() => true));
  });
});
