import process from 'node:process';
import { expect, test } from 'vitest';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { scenes } from './scenes.ts';

test.each(scenes)('1,000 partitions, 10 members, $name: less than 50 ms of CPU, best of five', ({ group }) => {
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    cooperativeSticky.assign(group.members, group.counts);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  expect(Math.min(...times)).toBeLessThan(50);
});
