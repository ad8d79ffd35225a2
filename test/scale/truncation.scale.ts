import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { committedOffsets } from '../support/consume.ts';
import { describeJava, eventually, uniqueTopic } from '../support/kafka.ts';
import {
  beginLogs,
  cutFaults,
  fall,
  liveReader,
  Log,
  member,
  policies,
  rested,
  untouchedFaults,
  writeAlone,
  writeLater,
  type Policy,
} from './position/cut.ts';
import { moveInWords } from './position/log.ts';
import type { Reader } from './position/reader.ts';
import { print } from './position/report.ts';
import { Stage } from './position/stage.ts';

const isLong = process.env['SCALE_LONG'] === '1';
const times = Array.from({ length: isLong ? 5 : 1 }, (_, index) => index + 1);

/** Somebody who reads a log that is cut, and what is to be said against him. */
interface Part {
  readonly log: Log;
  readonly policy: Policy;
  readonly reader: Reader;
  readonly faults: () => readonly string[];
}

await describeJava('a log is cut behind what was read of it, by an unclean election', () => {
  let opened: Stage | undefined;
  const readers: Reader[] = [];

  beforeAll(async () => {
    opened = await Stage.open();
  });

  afterAll(async () => {
    await Promise.all(readers.map((reader) => reader.stop().catch(() => undefined)));
    await opened?.close();
  });

  function stage(): Stage {
    if (opened === undefined) throw new Error('there is no Kafka');
    return opened;
  }

  const noted = (reader: Reader): Reader => {
    readers.push(reader);
    return reader;
  };

  /** Reads so far as a member of a group, commits that and goes. */
  async function left(log: Log, groupId: string, policy: Policy, upTo: number): Promise<void> {
    const reader = noted(member(`before, ${policy}`, stage(), log, groupId, policy));
    await reader.until(`${upTo} are read`, () => reader.read.length >= upTo);
    await reader.stop();
    expect(await committedOffsets(stage(), groupId, log.topic)).toEqual([upTo]);
  }

  /** The error of a stream says how to go on: so it does. */
  async function passed({ reader, log }: Part): Promise<void> {
    await reader.until('it fails', () => reader.failures.length > 0, 20_000).catch(() => undefined);
    reader.streams.get(0)?.seek({ offset: log.cut });
    reader.resume(0);
  }

  function rowOf({ log, policy, reader, faults }: Part): Readonly<Record<string, string | number>> {
    const moves = reader.moves.map(moveInWords).join(', ');
    const codes = reader.failures.map(({ code }) => code).join();
    const what = { 'cut at': log.cut, was: log.was, ends: log.after.length, read: reader.read.length, moves, errors: codes };
    return { reader: reader.name, autoOffsetReset: policy, ...what, verdict: faults().join('; ') || 'right' };
  }

  test.each(times)('time %i', { timeout: 240_000 }, async () => {
    // The new log is longer than what was read of the old one; or it is shorter.
    const logs = [new Log(25), new Log(4)];
    await beginLogs(stage(), logs);
    const live = logs.flatMap((log) => policies.map((policy) => ({ log, policy, reader: noted(liveReader(stage(), log, policy)) })));
    const groups = logs.flatMap((log) => policies.map((policy) => ({ log, policy, groupId: uniqueTopic('cut') })));
    const modest = logs.map((log) => ({ log, policy: 'earliest' as const, groupId: uniqueTopic('modest') }));
    await Promise.all(modest.map(({ log, groupId, policy }) => left(log, groupId, policy, log.cut)));
    await writeAlone(stage(), logs);
    await Promise.all(groups.map(({ log, groupId, policy }) => left(log, groupId, policy, log.was)));
    for (const { reader, log } of live) await reader.until('all is read', () => reader.read.length === log.was);
    await fall(stage(), logs);

    const alive = live.map((part): Part => ({ ...part, faults: () => cutFaults(part.log, part.policy, part.reader, 0) }));
    const back = groups.map(({ log, policy, groupId }): Part => {
      const reader = noted(member('back', stage(), log, groupId, policy));
      return { log, policy, reader, faults: () => cutFaults(log, policy, reader, log.was) };
    });
    const untouched = modest.map(({ log, policy, groupId }): Part => {
      const reader = noted(member('never beyond', stage(), log, groupId, policy));
      return { log, policy, reader, faults: () => untouchedFaults(log, reader) };
    });
    const parts = [...alive, ...back, ...untouched];
    await Promise.all(parts.filter(({ policy }) => policy === 'none').map(passed));
    for (const { reader, policy } of parts)
      if (policy === 'latest')
        await reader.until('it is told', () => reader.moves.some(({ reason }) => reason === 'truncated'), 15_000).catch(() => undefined);
    await writeLater(stage(), logs);
    await Promise.all(parts.map(({ reader, log }) => rested(reader, log)));
    print('the log is cut', parts.map(rowOf));
    expect(parts.flatMap(({ reader, policy, faults }) => faults().map((fault) => `${reader.name}, ${policy}: ${fault}`))).toEqual([]);
    for (const { groupId, log } of [...groups, ...modest])
      await eventually(async () => expect(await committedOffsets(stage(), groupId, log.topic)).toEqual([log.after.length]), {
        what: 'all is committed',
      });
  });
});
