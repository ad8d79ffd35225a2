import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { afterFailure, createGate, healthy, type Attempt, type Gate } from '../../src/transport/health.ts';

const delay = (failures: number): number => 100 * 2 ** (failures - 1);

describe('the health of a broker', () => {
  test('failures in a row back off longer', () => {
    const once = afterFailure(healthy, 0, 50, delay);
    expect(once).toEqual({ failures: 1, failedAt: 50, notBefore: 150 });
    expect(afterFailure(once, 150, 160, delay)).toEqual({ failures: 2, failedAt: 160, notBefore: 360 });
  });

  test('attempts that were under way together count as one failure', () => {
    const first = afterFailure(healthy, 0, 50, delay);
    expect(afterFailure(first, 10, 60, delay)).toEqual(first);
  });
});

/** A gate in virtual time; `log` collects who is let through and what happens, with the time. */
class Scene {
  readonly clock: VirtualTimeScheduler = new VirtualTimeScheduler();
  readonly gate: Gate = createGate(this.clock, delay);
  readonly log: string[] = [];
  readonly attempts = new Map<string, Attempt>();

  at(ms: number, act: () => void): this {
    this.clock.schedule(act, ms);
    return this;
  }

  /** Somebody who comes at that time and tries when he may. */
  comes(name: string, ms: number): this {
    return this.at(ms, () => {
      this.gate.open.subscribe({
        next: () => {
          this.note(name);
          this.attempts.set(name, this.gate.begin());
        },
        error: (error: unknown) => this.note(`${name}: ${error instanceof Error ? error.message : ''}`),
      });
    });
  }

  /** What becomes of his attempt. */
  says(name: string, what: Exclude<keyof Attempt, 'ended'>, ms: number): this {
    return this.at(ms, () => this.attempts.get(name)?.[what]());
  }

  fails(name: string, ms: number): this {
    return this.at(ms, () => this.attempts.get(name)?.ended(new Error(`down for ${name}`)));
  }

  note(what: string): void {
    this.log.push(`${String(this.clock.now())} ${what}`);
  }

  played(): readonly string[] {
    this.clock.flush();
    return this.log;
  }
}

describe('the gate of a broker', () => {
  test('lets one try, and the others once that has connected', () => {
    const scene = new Scene().comes('a', 0).comes('b', 1).comes('c', 2).says('a', 'connected', 5).comes('d', 6);
    expect(scene.played()).toEqual(['0 a', '5 b', '5 c', '6 d']);
  });

  test('shares a failure with all who wait, and backs off', () => {
    const scene = new Scene().comes('a', 0).comes('b', 1).fails('a', 5).comes('c', 6).comes('d', 104).comes('e', 104);
    scene.fails('c', 110).comes('f', 111);
    expect(scene.played()).toEqual(['0 a', '5 b: down for a', '105 c', '110 d: down for c', '110 e: down for c', '310 f']);
  });

  test('says how long that takes', () => {
    const waits: number[] = [];
    const scene = new Scene().comes('a', 0).fails('a', 5).comes('b', 50).says('b', 'connected', 120);
    for (const ms of [1, 6, 104, 110, 121]) scene.at(ms, () => waits.push(scene.gate.wait()));
    scene.played();
    expect(waits).toEqual([Infinity, 99, 1, Infinity, 0]);
  });

  test('forgets failures when it is answered, not when it connects', () => {
    const failures: number[] = [];
    const scene = new Scene().comes('a', 0).fails('a', 5).comes('b', 105).says('b', 'connected', 106).says('b', 'answered', 108);
    for (const ms of [107, 109]) scene.at(ms, () => failures.push(scene.gate.health.failures));
    scene.played();
    expect(failures).toEqual([1, 0]);
  });

  test('after a loss lets one try at once, and the others wait for that', () => {
    const scene = new Scene().comes('a', 0).says('a', 'connected', 1).says('a', 'answered', 2).fails('a', 10);
    scene.comes('b', 10).comes('c', 10).fails('b', 12);
    expect(scene.played()).toEqual(['0 a', '10 b', '12 c: down for b']);
  });

  test('an attempt that is given up makes way for the next one who waits, and tells nothing', () => {
    const scene = new Scene().comes('a', 0).comes('b', 1).comes('c', 1).says('a', 'abandoned', 5).fails('a', 6).says('b', 'connected', 9);
    expect(scene.played()).toEqual(['0 a', '5 b', '9 c']);
    expect(scene.gate.health).toEqual(healthy);
  });

  test('who does not wait any more is not let through', () => {
    const scene = new Scene().comes('a', 0);
    scene.at(1, () => scene.gate.open.subscribe(() => scene.note('gone')).unsubscribe());
    scene.says('a', 'connected', 5);
    expect(scene.played()).toEqual(['0 a']);
  });
});
