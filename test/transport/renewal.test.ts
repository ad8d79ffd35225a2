import { map, NEVER, Observable, repeat, Subject, takeUntil, timer, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { ConnectionError } from '../../src/errors/index.ts';
import { guarded } from '../../src/transport/guard.ts';
import { createLink, type Link } from '../../src/transport/link.ts';
import type { Connection } from '../../src/transport/port.ts';
import { echoApi } from './support/echo.ts';

type Helpers = Parameters<Parameters<TestScheduler['run']>[0]>[0];

interface Script {
  /** Milliseconds. 0. */
  readonly connecting?: number;
  readonly sessionLifetime?: number;
  /** Milliseconds until each answer. */
  readonly answering: number;
  /** Milliseconds of its life. */
  readonly lostAfter?: number;
}

interface World {
  /** A link whose connections follow one script each, the last one again and again. */
  readonly linkWith: (...scripts: readonly [Script, ...Script[]]) => Link;
  readonly scheduler: TestScheduler;
}

/** Runs in virtual time. `finish` is given what was told, with its time. */
function run(play: (world: World, helpers: Helpers) => void, finish: (log: readonly string[]) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  const log: string[] = [];
  const tell = (what: string): void => void log.push(`${scheduler.now()} ${what}`);
  const linkWith: World['linkWith'] = (...scripts) => {
    let count = 0;
    return createLink({
      address: { host: 'b', port: 1 },
      scheduler,
      connect: () => {
        count += 1;
        return connectionOf(`c${count}`, scripts[count - 1] ?? scripts[0], scheduler, tell);
      },
      opened: ({ broker }) => tell(`opened ${broker}`),
      closed: (error) => tell(`closed: ${error?.message ?? 'by us'}`),
    });
  };
  scheduler.run((helpers) => play({ linkWith, scheduler }, helpers));
  finish(log);
}

function connectionOf(name: string, script: Script, scheduler: TestScheduler, tell: (what: string) => void): Observable<Connection> {
  const { connecting = 0, answering, sessionLifetime, lostAfter } = script;
  return new Observable<Connection>((subscriber) => {
    const gone = new Subject<never>();
    const lost = new ConnectionError('CONNECTION_LOST', `${name} is gone`);
    const answer = <T>(value: T): Observable<T> =>
      timer(answering, scheduler).pipe(
        map(() => value),
        takeUntil(gone),
      );
    const connection: Connection = {
      broker: name,
      ...(sessionLifetime !== undefined && { sessionLifetime }),
      version: () => 1,
      send: <R>() => answer({ text: name } as R),
      fetch: () => answer({ kind: 'end' as const, bytes: 0, nodeEndpoints: [] }),
    };
    subscriber.add(() => {
      tell(`destroyed ${name}`);
      gone.error(lost);
    });
    subscriber.add(timer(connecting, scheduler).subscribe(() => subscriber.next(connection)));
    if (lostAfter !== undefined) subscriber.add(timer(lostAfter, scheduler).subscribe(() => subscriber.error(lost)));
  });
}

/** The name of the connection that answered, or the message of the error. */
function ask(link: Link, deadline = 500): Observable<string> {
  return link.request(echoApi, { text: 'x' }, deadline).pipe(map(({ text }) => text));
}

describe('a connection whose session ends', () => {
  test('is replaced at 85 % of it; idle, it is closed at once and the next user opens another', () => {
    run(
      ({ linkWith }, { expectObservable }) => {
        const link = linkWith({ sessionLifetime: 100, answering: 2 });
        expectObservable(ask(link), '84ms ^').toBe('86ms (a|)', { a: 'c1' });
        expectObservable(ask(link), '160ms ^').toBe('162ms (a|)', { a: 'c1' });
        expectObservable(ask(link), '300ms ^').toBe('302ms (a|)', { a: 'c2' });
      },
      (log) =>
        expect(log).toEqual([
          '84 opened c1',
          '169 closed: by us',
          '169 destroyed c1',
          '300 opened c2',
          '385 closed: by us',
          '385 destroyed c2',
        ]),
    );
  });

  test('what is under way on it is answered by it, and what comes meanwhile goes over the next', () => {
    run(
      ({ linkWith }, { expectObservable }) => {
        const link = linkWith({ sessionLifetime: 100, answering: 60 }, { connecting: 5, answering: 1 });
        expectObservable(ask(link), '       ^').toBe('60ms (a|)', { a: 'c1' });
        expectObservable(ask(link), '  80ms ^').toBe('140ms (a|)', { a: 'c1' });
        expectObservable(ask(link), '  84ms ^').toBe('144ms (a|)', { a: 'c1' });
        expectObservable(ask(link), '  86ms ^').toBe('92ms (a|)', { a: 'c2' });
        expectObservable(ask(link), ' 150ms ^').toBe('151ms (a|)', { a: 'c2' });
      },
      (log) => expect(log).toEqual(['0 opened c1', '91 opened c2', '144 closed: by us', '144 destroyed c1']),
    );
  });

  test('a user that leaves is not waited for', () => {
    run(
      ({ linkWith }, { expectObservable }) => {
        const link = linkWith({ sessionLifetime: 100, answering: 400 });
        expectObservable(ask(link), '^ 99ms !').toBe('');
      },
      (log) => expect(log).toEqual(['0 opened c1', '100 closed: by us', '100 destroyed c1']),
    );
  });

  test('a loop of requests goes on over one connection after the other, without an error', () => {
    run(
      ({ linkWith, scheduler }, { expectObservable }) => {
        const link = linkWith({ sessionLifetime: 100, answering: 30 });
        const loop = ask(link).pipe(repeat(), takeUntil(timer(300, scheduler)));
        expectObservable(loop.pipe(toArray())).toBe('300ms (a|)', { a: ['c1', 'c1', 'c1', 'c2', 'c2', 'c2', 'c3', 'c3', 'c3'] });
      },
      (log) => {
        expect(log.filter((line) => line.includes('opened'))).toEqual(['0 opened c1', '90 opened c2', '180 opened c3', '270 opened c4']);
        expect(log.filter((line) => line.includes('is gone'))).toEqual([]);
      },
    );
  });

  test('lost before that, it is lost as any other is', () => {
    run(
      ({ linkWith }, { expectObservable }) => {
        const link = linkWith({ sessionLifetime: 100, answering: 40, lostAfter: 90 }, { answering: 1 });
        expectObservable(ask(link), '70ms ^').toBe('110ms (a|)', { a: 'c1' });
        expectObservable(ask(link), '140ms ^').toBe('160ms #', {}, new ConnectionError('CONNECTION_LOST', 'c1 is gone'));
        // Retired at 155, lost at 160: the second connection stays.
        expectObservable(ask(link), '156ms ^').toBe('157ms (a|)', { a: 'c2' });
        expectObservable(ask(link), '170ms ^').toBe('171ms (a|)', { a: 'c2' });
      },
      (log) => expect(log).toEqual(['70 opened c1', '156 opened c2', '160 closed: c1 is gone', '160 destroyed c1']),
    );
  });

  test('closing the link closes the retired one too', () => {
    run(
      ({ linkWith, scheduler }, { expectObservable }) => {
        const link = linkWith({ sessionLifetime: 100, answering: 60 }, { answering: 60 });
        timer(95, scheduler).subscribe(() => link.close());
        const gone = (name: string): Error => new ConnectionError('CONNECTION_LOST', `${name} is gone`);
        expectObservable(ask(link), '80ms ^').toBe('95ms #', {}, gone('c1'));
        expectObservable(ask(link), '90ms ^').toBe('95ms #', {}, gone('c1'));
      },
      (log) => expect(log.at(-1)).toBe('95 destroyed c1'),
    );
  });

  test('without a limit, and with one that no timer can wait for, it stays', () => {
    run(
      ({ linkWith }, { expectObservable }) => {
        const forever = linkWith({ answering: 1 });
        expectObservable(ask(forever)).toBe('-(a|)', { a: 'c1' });
        expectObservable(ask(forever), '9s ^').toBe('9001ms (a|)', { a: 'c1' });
        const long = linkWith({ answering: 1, sessionLifetime: 2 ** 40 });
        expectObservable(ask(long).pipe(takeUntil(timer(10_000))), '^ 2ms !').toBe('-(a|)', { a: 'c1' });
      },
      (log) => expect(log.slice(0, 2)).toEqual(['0 opened c1', '0 opened c1']),
    );
  });
});

test('the guard of the port hands the lifetime on', () => {
  const connection: Connection = { broker: 'b:1', sessionLifetime: 7, version: () => 0, send: () => NEVER, fetch: () => NEVER };
  expect(guarded(connection).sessionLifetime).toBe(7);
});
