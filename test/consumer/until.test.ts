import { EMPTY, NEVER, of, Subject, throwError, type ObservableInput } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { untilOf } from '../../src/consumer/until.ts';
import { watch } from '../support/watch.ts';

describe('the graceful stop', () => {
  it('never comes without the option, nor from what ends without a value: that is no stop', () => {
    const sources: readonly (ObservableInput<unknown> | undefined)[] = [undefined, NEVER, EMPTY, []];
    expect(sources.map((until) => watch(untilOf(until)).log)).toEqual([[], [], ['|'], ['|']]);
  });

  it('comes once, with the first value, and the source is let go then', () => {
    const source = new Subject<string>();
    const { log } = watch(untilOf(source));
    source.next('stop');
    expect(source.observed).toBe(false);
    source.next('again');
    expect(log).toEqual(['stop', '|']);
  });

  it('comes with any value, also none of truth', () => {
    expect(watch(untilOf(of(undefined))).log).toEqual(['undefined', '|']);
  });

  it('comes with a promise that resolves', async () => {
    const { log } = watch(untilOf(Promise.resolve('done')));
    await Promise.resolve();
    expect(log).toEqual(['done', '|']);
  });

  it('is an error where its source has one', async () => {
    const error = new Error('bad');
    expect(watch(untilOf(throwError(() => error))).error()).toBe(error);
    const rejected = watch(untilOf(Promise.reject(error)));
    await rejected.ended;
    expect(rejected.error()).toBe(error);
  });

  it('lets its source go with its subscriber', () => {
    const source = new Subject<string>();
    watch(untilOf(source)).unsubscribe();
    expect(source.observed).toBe(false);
  });
});

describe('an AbortSignal', () => {
  it('stops when it is aborted, and once', () => {
    const controller = new AbortController();
    const { log } = watch(untilOf(controller.signal));
    expect(log).toEqual([]);
    controller.abort('enough');
    controller.abort('again');
    expect(log).toEqual(['enough']);
  });

  it('that was aborted before stops at once', () => {
    expect(watch(untilOf(AbortSignal.abort('before'))).log).toEqual(['before']);
  });

  it('keeps no listener after the unsubscription', () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    const counting = Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof add>) => {
        listeners++;
        add(...args);
      },
      removeEventListener: (...args: Parameters<typeof remove>) => {
        listeners--;
        remove(...args);
      },
    });
    const { unsubscribe } = watch(untilOf(counting));
    expect(listeners).toBe(1);
    unsubscribe();
    expect(listeners).toBe(0);
  });
});
