/** What one option may be: in words, and as a test. */
export interface Check<T> {
  readonly allowed: string;
  readonly accepts: (value: unknown) => value is T;
}

/** Times above would fire at once: Node's timers are 32 bits wide. So are the integers of the protocol. */
export const MAX_INT32: number = 2 ** 31 - 1;

interface Range {
  readonly min: number;
  readonly max?: number;
}

export function integer({ min, max = MAX_INT32 }: Range): Check<number> {
  const accepts = (value: unknown): value is number => Number.isSafeInteger(value) && within(value, min, max);
  return { allowed: `an integer from ${String(min)} to ${bound(max)}`, accepts };
}

export function number({ min, max = MAX_INT32 }: Range): Check<number> {
  const accepts = (value: unknown): value is number => Number.isFinite(value) && within(value, min, max);
  return { allowed: `a number from ${String(min)} to ${bound(max)}`, accepts };
}

export function milliseconds({ min, max = MAX_INT32 }: Range): Check<number> {
  return { ...number({ min, max }), allowed: `milliseconds from ${String(min)} to ${bound(max)}` };
}

/** Milliseconds that go over the wire. */
export function wholeMilliseconds({ min, max = MAX_INT32 }: Range): Check<number> {
  return { ...integer({ min, max }), allowed: `whole milliseconds from ${String(min)} to ${bound(max)}` };
}

export function oneOf<T extends string>(...values: readonly T[]): Check<T> {
  const accepts = (value: unknown): value is T => values.some((one) => one === value);
  return { allowed: values.map((one) => `'${one}'`).join(' or '), accepts };
}

export function either<A, B>(one: Check<A>, other: Check<B>): Check<A | B> {
  const accepts = (value: unknown): value is A | B => one.accepts(value) || other.accepts(value);
  return { allowed: `${one.allowed}, or ${other.allowed}`, accepts };
}

export const no: Check<false> = { allowed: 'false', accepts: (value) => value === false };

export const boolean: Check<boolean> = { allowed: 'true or false', accepts: (value) => typeof value === 'boolean' };

export const text: Check<string> = {
  allowed: 'a string that is not empty',
  accepts: (value): value is string => typeof value === 'string' && value !== '',
};

function within(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max;
}

function bound(max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? '2^53 − 1' : String(max);
}
