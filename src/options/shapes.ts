import { isObservable, type ObservableInput, type SchedulerLike } from 'rxjs';
import type { Assignor } from '../group/assignor.ts';
import type { Check } from './checks.ts';
import type { EventSink } from './types.ts';

/** Foreign things are recognised by structure, never by `instanceof`: there may be two copies of a library. */
export const stopSignal: Check<ObservableInput<unknown> | AbortSignal> = {
  allowed: 'an AbortSignal, an Observable, a promise or an iterable',
  accepts: (value): value is ObservableInput<unknown> | AbortSignal => isObservable(value) || isAbortSignal(value) || isInput(value),
};

export const listener: Check<EventSink> = {
  allowed: 'a function, or an object with a function next',
  accepts: (value): value is EventSink => typeof value === 'function' || hasFunctions(value, 'next'),
};

export const clock: Check<SchedulerLike> = {
  allowed: 'a scheduler of RxJS',
  accepts: (value): value is SchedulerLike => hasFunctions(value, 'now', 'schedule'),
};

export const chance: Check<() => number> = {
  allowed: 'a function',
  accepts: (value): value is () => number => typeof value === 'function',
};

export const assignor: Check<Assignor> = {
  allowed: 'an assignor: { name, protocol, assign }',
  accepts: (value): value is Assignor =>
    hasFunctions(value, 'assign') &&
    typeof value['name'] === 'string' &&
    (value['protocol'] === 'eager' || value['protocol'] === 'cooperative'),
};

export function isRecord(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === 'object' && value !== null;
}

function hasFunctions(value: unknown, ...names: readonly PropertyKey[]): value is Readonly<Record<PropertyKey, unknown>> {
  return isRecord(value) && names.every((name) => typeof value[name] === 'function');
}

function isAbortSignal(value: unknown): boolean {
  return hasFunctions(value, 'addEventListener', 'removeEventListener') && typeof value['aborted'] === 'boolean';
}

function isInput(value: unknown): boolean {
  const ways = ['@@observable', Symbol.for('observable'), 'then', Symbol.iterator, Symbol.asyncIterator, 'getReader'];
  return ways.some((way) => hasFunctions(value, way));
}
