import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { afterFailure, createGate, healthy, refusal } from '../../src/transport/health.ts';

const delay = (failures: number): number => 100 * 2 ** (failures - 1);
const down = new Error('down');

describe('the health of a broker', () => {
  test('healthy, nothing is refused', () => {
    expect(refusal(healthy, 0)).toBeUndefined();
  });

  test('after a failure attempts are refused with its error until the back-off is over', () => {
    const health = afterFailure(healthy, down, 0, 50, delay);
    expect(refusal(health, 50)).toBe(down);
    expect(refusal(health, 149)).toBe(down);
    expect(refusal(health, 150)).toBeUndefined();
  });

  test('failures in a row back off longer', () => {
    const once = afterFailure(healthy, down, 0, 50, delay);
    const twice = afterFailure(once, new Error('still down'), 150, 160, delay);
    expect(twice).toMatchObject({ failures: 2, failedAt: 160, notBefore: 360, error: { message: 'still down' } });
  });

  test('attempts that were under way together count as one failure', () => {
    const first = afterFailure(healthy, down, 0, 50, delay);
    const second = afterFailure(first, new Error('so am I'), 10, 60, delay);
    expect(second).toMatchObject({ failures: 1, notBefore: 150, error: { message: 'so am I' } });
  });

  test('a gate is shared, by the clock of its scheduler, and success opens it', () => {
    const scheduler = new VirtualTimeScheduler();
    const gate = createGate(scheduler, delay);
    expect(gate.refusal()).toBeUndefined();
    gate.failed(down, scheduler.now());
    expect(gate.refusal()).toBe(down);
    expect(gate.health.notBefore).toBe(100);
    scheduler.frame = 100;
    expect(gate.refusal()).toBeUndefined();
    gate.failed(down, scheduler.now());
    expect(gate.health.failures).toBe(2);
    gate.succeeded();
    expect(gate.refusal()).toBeUndefined();
    expect(gate.health).toEqual(healthy);
  });
});
