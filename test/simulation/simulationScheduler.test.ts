import { concatMap, delay, from, interval, map, of, take, timer } from 'rxjs';
import { expect, test } from 'vitest';
import { SimulationScheduler } from '../../simulation/simulationScheduler.ts';

function scene(): { scheduler: SimulationScheduler; seen: string[]; note: (what: string) => () => void } {
  const scheduler = new SimulationScheduler();
  const seen: string[] = [];
  return { scheduler, seen, note: (what) => () => seen.push(`${what} at ${scheduler.now()}`) };
}

test('what is scheduled is done in the order of its time, and of its scheduling', () => {
  const { scheduler, seen, note } = scene();
  scheduler.schedule(note('c'), 20);
  scheduler.schedule(note('a'), 10);
  scheduler.schedule(note('b'), 10);
  scheduler.schedule(note('now'));
  scheduler.flush(15);
  expect(seen).toEqual(['now at 0', 'a at 10', 'b at 10']);
  expect(scheduler.now()).toBe(15);
  scheduler.flush(Infinity);
  expect(seen.at(-1)).toBe('c at 20');
});

test('what is unsubscribed is not done, and does not count as waiting', () => {
  const { scheduler, seen, note } = scene();
  const actions = Array.from({ length: 1_000 }, (_, index) => scheduler.schedule(note(`a${index}`), index));
  expect(scheduler.pending).toBe(1_000);
  for (const action of actions.slice(1)) action.unsubscribe();
  expect(scheduler.pending).toBe(1);
  scheduler.flush(Infinity);
  expect(seen).toEqual(['a0 at 0']);
  expect(scheduler.pending).toBe(0);
});

test('the operators of RxJS run on it', () => {
  const { scheduler } = scene();
  const seen: string[] = [];
  const source = from([1, 2, 3]).pipe(concatMap((value) => of(value).pipe(delay(10, scheduler))));
  source.subscribe((value) => seen.push(`${value} at ${scheduler.now()}`));
  interval(7, scheduler)
    .pipe(
      take(3),
      map((count) => `tick ${count}`),
    )
    .subscribe((tick) => seen.push(`${tick} at ${scheduler.now()}`));
  scheduler.flush(Infinity);
  expect(seen).toEqual(['tick 0 at 7', '1 at 10', 'tick 1 at 14', '2 at 20', 'tick 2 at 21', '3 at 30']);
});

test('a timer that is longer than Node can wait fires after 1 ms, as there', () => {
  const { scheduler } = scene();
  let at = -1;
  timer(2 ** 31, scheduler).subscribe(() => (at = scheduler.now()));
  scheduler.flush(Infinity);
  expect(at).toBe(1);
});

test('a moment is over when the next one begins', () => {
  const { scheduler } = scene();
  const moments: number[] = [];
  scheduler.onMoment = () => moments.push(scheduler.now());
  for (const at of [5, 5, 5, 9]) scheduler.schedule(() => undefined, at);
  scheduler.flush(20);
  expect(moments).toEqual([0, 5, 9]);
  expect(scheduler.steps).toBe(4);
});

test('what an action throws is thrown', () => {
  const { scheduler } = scene();
  scheduler.schedule(() => {
    throw new Error('of the action');
  });
  expect(() => scheduler.flush(1)).toThrow('of the action');
});

test('an event loop that is blocked: its clock jumps, its timers are late, and what came over the network comes behind them', () => {
  const { scheduler } = scene();
  const process = scheduler.process();
  const seen: string[] = [];
  const note = (what: string) => (): void => void seen.push(`${what} at ${process.now()}`);
  process.schedule(() => {
    process.block(100);
    note('blocked')();
  }, 10);
  process.schedule(note('late timer'), 50);
  process.schedule(note('timer'), 200);
  scheduler.schedule(() => process.hear(note('heard')), 30);
  scheduler.schedule(() => process.hear(note('heard in time')), 120);
  scheduler.flush(Infinity);
  expect(seen).toEqual(['blocked at 110', 'late timer at 110', 'heard at 110', 'heard in time at 120', 'timer at 200']);
});

test('another process, and the world, do not notice', () => {
  const { scheduler } = scene();
  const [one, other] = [scheduler.process(), scheduler.process()];
  const seen: string[] = [];
  one.schedule(() => one.block(1_000));
  other.schedule(() => seen.push(`other at ${other.now()}`), 10);
  scheduler.schedule(() => seen.push(`world at ${scheduler.now()}`), 20);
  scheduler.flush(Infinity);
  expect(seen).toEqual(['other at 10', 'world at 20']);
});

test('its clock never goes back, and what it schedules counts from it', () => {
  const { scheduler } = scene();
  const process = scheduler.process();
  const seen: number[] = [];
  process.schedule(() => {
    process.block(50);
    process.schedule(() => seen.push(process.now()), 10);
    seen.push(process.now());
  });
  process.schedule(() => seen.push(process.now()), 55);
  scheduler.flush(Infinity);
  expect(seen).toEqual([50, 55, 60]);
});

test('a process that is killed does nothing any more, and has nothing left to do', () => {
  const { scheduler } = scene();
  const process = scheduler.process();
  const seen: string[] = [];
  process.schedule(() => seen.push('timer'), 10);
  process.kill();
  process.hear(() => seen.push('heard'));
  process.schedule(() => seen.push('scheduled'));
  scheduler.flush(Infinity);
  expect(seen).toEqual([]);
  expect(process.pending).toBe(0);
});
