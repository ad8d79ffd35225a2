import { asapScheduler, EMPTY, NEVER, of, scheduled, throwError, type Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Connection } from '../../src/transport/port.ts';
import { guarded } from '../../src/transport/guard.ts';
import { echoApi, type Text } from './support/echo.ts';

function answering(answer: Observable<Text>): Observable<unknown> {
  const connection = { broker: 'b:1', version: () => 1, send: () => answer, fetch: () => answer } as unknown as Connection;
  return guarded(connection).send(echoApi, { text: 'x' });
}

describe('the guard at the port', () => {
  test.each([
    ['an answer', of({ text: 'X' })],
    ['an error', throwError(() => new Error('refused'))],
    ['a completion', EMPTY],
  ])('%s inside of subscribe is an error that names the request', (_what, source) => {
    const seen: unknown[] = [];
    answering(source).subscribe({ next: (value) => seen.push(value), error: (error: unknown) => seen.push(error) });
    expect(seen).toEqual([
      expect.objectContaining({ code: 'SYNCHRONOUS_ANSWER', message: 'Echo at b:1 was answered inside of subscribe' }),
    ]);
  });

  test('an answer in a later task passes, for each subscription', async () => {
    const seen: unknown[] = [];
    const source = answering(scheduled([{ text: 'X' }], asapScheduler));
    for (let i = 0; i < 2; i += 1) {
      await new Promise<void>((resolve, reject) =>
        source.subscribe({ next: (value) => seen.push(value), error: reject, complete: resolve }),
      );
    }
    expect(seen).toEqual([{ text: 'X' }, { text: 'X' }]);
  });

  test('no answer is none', () => {
    expect(answering(NEVER).subscribe().closed).toBe(false);
  });
});
