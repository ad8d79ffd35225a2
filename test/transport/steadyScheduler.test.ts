import { asyncScheduler } from 'rxjs';
import { expect, it, vi } from 'vitest';
import { steadyScheduler } from '../../src/transport/steadyScheduler.ts';

it('goes on where it was when the clock is set back, and keeps a step forward', () => {
  const told = vi.spyOn(asyncScheduler, 'now');
  const at = (time: number): number => {
    told.mockReturnValue(time);
    return steadyScheduler.now();
  };
  const day = 86_400_000;
  const before = at(day * 40_000);
  expect(at(day * 40_000 - 3_600_000) - before).toBe(0);
  expect(at(day * 40_000 - 3_600_000 + 500) - before).toBe(500);
  expect(at(day * 40_000 + 500) - before).toBe(3_600_500);
});
