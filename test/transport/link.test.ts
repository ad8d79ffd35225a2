import { catchError, concatMap, map, merge, NEVER, Observable, of, Subject, takeUntil, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { ConnectionError, RequestTimeoutError } from '../../src/errors/index.ts';
import { createGate } from '../../src/transport/health.ts';
import { createLink, type Link, type LinkOptions } from '../../src/transport/link.ts';
import type { Connection } from '../../src/transport/port.ts';
import { echoApi } from './support/echo.ts';

type Helpers = Parameters<Parameters<TestScheduler['run']>[0]>[0];

const address = { host: 'b', port: 1 };
const limits = { first: 20, each: 5 };

/** Runs in virtual time; `log` collects what happens, with the frame it happened in. */
function run(test: (world: World, helpers: Helpers) => void, finish?: (log: readonly string[]) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  const log: string[] = [];
  const tell = (what: string): void => void log.push(`${scheduler.now()} ${what}`);
  scheduler.run((helpers) => test({ scheduler, tell, at: (frame, act) => void timer(frame, scheduler).subscribe(act) }, helpers));
  finish?.(log);
}

interface World {
  readonly scheduler: TestScheduler;
  readonly tell: (what: string) => void;
  readonly at: (frame: number, act: () => void) => void;
}

interface Script {
  /** Frames until connected; or an error, after as many. */
  readonly connecting?: number;
  readonly refused?: Error;
  /** Frame of its life in which the connection is lost. */
  readonly lostAfter?: number;
  /** Frames until each answer; undefined: never. */
  readonly answering?: number | undefined;
  /** Breaks its promise: what is pending does not hear of the loss. */
  readonly deaf?: boolean;
}

/** A connector that plays one script per connection, the last one again and again, and keeps the promises of the port. */
function scripted({ scheduler, tell }: World, ...scripts: readonly Script[]): () => Observable<Connection> {
  let count = 0;
  return () =>
    new Observable<Connection>((subscriber) => {
      const script = scripts[Math.min(count, scripts.length - 1)] ?? {};
      count += 1;
      const name = `c${count}`;
      tell(`connect ${name}`);
      const gone = new Subject<never>();
      const lost = new ConnectionError('CONNECTION_LOST', `${name} is gone`);
      subscriber.add(() => {
        tell(`closed ${name}`);
        gone.error(lost);
      });
      const answer = <T>(answers: Observable<T>): Observable<T> =>
        (script.answering === undefined ? NEVER : answers).pipe(takeUntil(script.deaf === true ? NEVER : gone));
      const connection: Connection = {
        broker: name,
        version: () => 1,
        send: <R>() => answer(timer(script.answering ?? 0, scheduler).pipe(map(() => ({ text: name }) as R))),
        fetch: () =>
          answer(timer(script.answering ?? 0, 3, scheduler).pipe(map((bytes) => ({ kind: 'end' as const, bytes, nodeEndpoints: [] })))),
      };
      const { connecting = 0, refused, lostAfter } = script;
      const outcome = refused === undefined ? of(connection) : throwError(() => refused);
      subscriber.add(
        timer(connecting, scheduler)
          .pipe(concatMap(() => merge(outcome, NEVER)))
          .subscribe(subscriber),
      );
      if (lostAfter !== undefined) subscriber.add(timer(lostAfter, scheduler).subscribe(() => subscriber.error(lost)));
    });
}

function linkTo(world: World, connect: () => Observable<Connection>, options: Partial<LinkOptions> = {}): Link {
  const { scheduler, tell } = world;
  const opened = (): void => tell('opened');
  const closed = (error?: Error): void => tell(`lost ${error?.message ?? 'by us'}`);
  return createLink({ address, connect, scheduler, connectTimeout: 50, opened, closed, ...options });
}

/** The text of the answer; errors are their messages. */
function ask(link: Link, deadline = 20): Observable<string> {
  return link.request(echoApi, { text: 'x' }, deadline).pipe(
    map(({ text }) => text),
    catchError((error: unknown) => throwError((): unknown => (error instanceof Error ? error.message : error))),
  );
}

const c1 = { a: 'c1' };

describe('a link', () => {
  test('opens when first used, shares the attempt, and stays open while idle', () => {
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { connecting: 3, answering: 2 }));
        expectObservable(ask(link), '  --^--------').toBe('-------(a|)', c1);
        expectObservable(ask(link), '  ---^-------').toBe('-------(a|)', c1);
        expectObservable(ask(link), '  9s ^-------').toBe('9s --(a|)', c1);
      },
      (log) => expect(log).toEqual(['2 connect c1', '5 opened']),
    );
  });

  test('a waiter that leaves takes nothing along, not even the last one', () => {
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { connecting: 4, answering: 2 }));
        expectObservable(ask(link), '  ^-!-----').toBe('---------');
        expectObservable(ask(link), '  -^------').toBe('------(a|)', c1);
        expectObservable(ask(link), '  9s ^----').toBe('9s --(a|)', c1);
      },
      (log) => expect(log).toEqual(['0 connect c1', '4 opened']),
    );
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { connecting: 4, answering: 2 }));
        expectObservable(ask(link), '  ^-!-----').toBe('---------');
        expectObservable(ask(link), '  9s ^----').toBe('9s --(a|)', c1);
      },
      (log) => expect(log).toEqual(['0 connect c1', '4 opened']),
    );
  });

  test('an attempt that fails fails all who wait for it; the next user starts another', () => {
    const refused = new ConnectionError('CONNECTION_FAILED', 'refused');
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { connecting: 3, refused }, { connecting: 1, answering: 1 }));
        expectObservable(ask(link), '  ^-----').toBe('---#', {}, 'refused');
        expectObservable(ask(link), '  -^----').toBe('---#', {}, 'refused');
        expectObservable(ask(link), '  ----^-').toBe('------(a|)', { a: 'c2' });
      },
      (log) => expect(log).toEqual(['0 connect c1', '3 closed c1', '4 connect c2', '5 opened']),
    );
  });

  test('an attempt has a deadline of its own, though nobody waits for it', () => {
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { connecting: 900 }));
        expectObservable(ask(link, 10)).toBe('10ms #', {}, 'no answer to Echo from b:1 within 10 ms');
        expectObservable(ask(link, 100)).toBe('50ms #', {}, 'no connection to b:1 within 50 ms');
      },
      (log) => expect(log).toEqual(['0 connect c1', '50 closed c1']),
    );
  });

  test('a connection that is lost fails what is pending; the next user opens another', () => {
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { lostAfter: 6 }, { answering: 1 }));
        expectObservable(ask(link), '  ^----------').toBe('------#', {}, 'c1 is gone');
        expectObservable(ask(link), '  ---^-------').toBe('------#', {}, 'c1 is gone');
        expectObservable(ask(link), '  --------^--').toBe('---------(a|)', { a: 'c2' });
      },
      (log) => expect(log).toEqual(['0 connect c1', '0 opened', '6 lost c1 is gone', '6 closed c1', '8 connect c2', '8 opened']),
    );
  });

  test('who asks again on hearing of the loss gets the next connection', () => {
    run((world, { expectObservable }) => {
      const link = linkTo(world, scripted(world, { lostAfter: 6 }, { answering: 1 }));
      const again = ask(link).pipe(catchError(() => ask(link)));
      expectObservable(again).toBe('-------(a|)', { a: 'c2' });
    });
  });

  test('a request out of time drops the connection: others pending on it fail retriably, the next user opens another', () => {
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, {}, { answering: 1 }));
        expectObservable(ask(link, 10)).toBe('10ms #', {}, 'no answer to Echo from b:1 within 10 ms');
        expectObservable(ask(link, 90)).toBe('10ms #', {}, 'c1 is gone');
        expectObservable(ask(link, 10), '11ms ^---').toBe('12ms (a|)', { a: 'c2' });
      },
      (log) =>
        expect(log).toEqual([
          '0 connect c1',
          '0 opened',
          '10 lost the connection to b:1 was dropped: no answer to Echo within 10 ms',
          '10 closed c1',
          '11 connect c2',
          '11 opened',
        ]),
    );
  });

  test('a request out of time while connecting leaves the attempt to the others', () => {
    run((world, { expectObservable }) => {
      const link = linkTo(world, scripted(world, { connecting: 8, answering: 1 }));
      expectObservable(ask(link, 5)).toBe('-----#', {}, 'no answer to Echo from b:1 within 5 ms');
      expectObservable(ask(link, 20)).toBe('---------(a|)', c1);
    });
  });

  test('a request out of time drops its own connection, not the one that came after', () => {
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { deaf: true, lostAfter: 4 }, { answering: 9 }));
        expectObservable(ask(link, 10)).toBe('10ms #', {}, 'no answer to Echo from b:1 within 10 ms');
        expectObservable(ask(link, 20), '-----^').toBe('14ms (a|)', { a: 'c2' });
      },
      (log) => expect(log).toEqual(['0 connect c1', '0 opened', '4 lost c1 is gone', '4 closed c1', '5 connect c2', '5 opened']),
    );
  });

  test('the error of a time-out names the api, the broker and the wait', () => {
    run((world) => {
      const link = linkTo(world, scripted(world, {}));
      const errors: unknown[] = [];
      link.request(echoApi, { text: 'x' }, 10).subscribe({ error: (error: unknown) => errors.push(error) });
      world.at(11, () => {
        expect(errors).toEqual([expect.any(RequestTimeoutError)]);
        expect(errors[0]).toMatchObject({ api: 'Echo', broker: 'b:1', waited: 10, retriable: true });
      });
    });
  });

  test('the parts of a fetch have a limit each, and a silence drops the connection', () => {
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { answering: 15 }));
        const parts = link.fetch({} as never, limits).pipe(map((part) => (part.kind === 'end' ? String(part.bytes) : part.kind)));
        expectObservable(parts, '^ 20ms !').toBe('15ms 0--1--');
      },
      (log) => expect(log).toEqual(['0 connect c1', '0 opened']),
    );
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { answering: 15 }));
        const parts = link.fetch({} as never, { first: 20, each: 2 }).pipe(map((part) => part.kind));
        expectObservable(parts).toBe('15ms a-#', { a: 'end' }, new RequestTimeoutError('Fetch', 2, { broker: 'b:1' }));
      },
      (log) => expect(log.at(-1)).toBe('17 closed c1'),
    );
  });

  test('closing closes at once and for ever: pending, waiting and later users get an error, the later ones in a later task', () => {
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, {}));
        world.at(4, () => {
          link.close();
          link.close();
        });
        expectObservable(ask(link)).toBe('----#', {}, 'c1 is gone');
        world.at(6, () => {
          let seen = 'nothing';
          link.request(echoApi, { text: 'x' }, 9).subscribe({ error: () => (seen = 'error') });
          world.tell(`inside of subscribe: ${seen}`);
        });
        expectObservable(ask(link), '------^').toBe('------#', {}, 'the connection to b:1 is closed');
      },
      (log) => expect(log).toEqual(['0 connect c1', '0 opened', '4 lost by us', '4 closed c1', '6 inside of subscribe: nothing']),
    );
  });

  test('closing while connecting ends the attempt', () => {
    run(
      (world, { expectObservable }) => {
        const link = linkTo(world, scripted(world, { connecting: 9 }));
        world.at(4, () => link.close());
        expectObservable(ask(link)).toBe('----#', {}, 'the connection to b:1 is closed');
      },
      (log) => expect(log).toEqual(['0 connect c1', '4 closed c1']),
    );
  });

  test('closing when told that it is open', () => {
    run(
      (world, { expectObservable }) => {
        const link: Link = linkTo(world, scripted(world, {}), { opened: () => link.close() });
        expectObservable(ask(link)).toBe('#', {}, 'the connection to b:1 is closed');
      },
      (log) => expect(log).toEqual(['0 connect c1', '0 lost by us', '0 closed c1']),
    );
  });

  test('a connect that fails inside of subscribe is put off', () => {
    run((world) => {
      const link = linkTo(world, () => throwError(() => new Error('no socket')));
      const seen: unknown[] = [];
      link.request(echoApi, { text: 'x' }, 9).subscribe({ error: (error: unknown) => seen.push(error) });
      expect(seen).toEqual([]);
      world.at(1, () => expect(seen).toMatchObject([{ code: 'CONNECTION_FAILED', retriable: true, broker: 'b:1' }]));
    });
  });

  test('a connection that answers inside of subscribe is told off', () => {
    run((world, { expectObservable }) => {
      const hasty = { broker: 'c1', version: () => 1, send: () => of({ text: 'c1' }), fetch: () => NEVER } as unknown as Connection;
      const link = linkTo(world, () => merge(of(hasty), NEVER));
      expectObservable(ask(link)).toBe('#', {}, 'Echo at c1 was answered inside of subscribe');
    });
  });

  test('a connector that completes has lost its connection', () => {
    run((world, { expectObservable, cold }) => {
      const link = linkTo(world, () => cold('---|'));
      expectObservable(ask(link)).toBe('---#', {}, 'the connection to b:1 ended');
    });
  });
});

describe('links that share a gate', () => {
  const refused = new ConnectionError('CONNECTION_FAILED', 'refused');
  const delay = (failures: number): number => 10 * failures;

  test('while the broker backs off users wait, which does not count for their deadlines, and share the next attempt', () => {
    run(
      (world, { expectObservable }) => {
        const connect = scripted(world, { connecting: 2, refused }, { connecting: 2, refused }, { connecting: 2, answering: 1 });
        const gate = createGate(world.scheduler, delay);
        const [one, two] = [linkTo(world, connect, { gate }), linkTo(world, connect, { gate })];
        expectObservable(ask(one)).toBe('--#', {}, 'refused');
        expectObservable(ask(two, 4), '-----^').toBe('14ms #', {}, 'refused');
        expectObservable(ask(one, 4), '------^').toBe('14ms #', {}, 'refused');
        expectObservable(ask(one, 4), '15ms ^').toBe('37ms (a|)', { a: 'c3' });
        expectObservable(ask(two, 4), '15ms ^').toBe('39ms (a|)', { a: 'c4' });
      },
      (log) =>
        expect(log.filter((line) => line.includes('connect'))).toEqual(['0 connect c1', '12 connect c2', '34 connect c3', '36 connect c4']),
    );
  });

  test('a user that has left while it waited makes no attempt', () => {
    run(
      (world, { expectObservable }) => {
        const gate = createGate(world.scheduler, delay);
        const link = linkTo(world, scripted(world, { refused }, { answering: 1 }), { gate });
        expectObservable(ask(link)).toBe('#', {}, 'refused');
        expectObservable(ask(link), '--^--!').toBe('-');
      },
      (log) => expect(log).toEqual(['0 connect c1', '0 closed c1']),
    );
  });

  test('closing ends the wait', () => {
    run((world, { expectObservable }) => {
      const gate = createGate(world.scheduler, delay);
      const link = linkTo(world, scripted(world, { refused }), { gate });
      expectObservable(ask(link)).toBe('#', {}, 'refused');
      expectObservable(ask(link), '--^').toBe('----#', {}, 'the connection to b:1 is closed');
      world.at(4, () => link.close());
    });
  });

  test('closing the link that tries lets another try', () => {
    run((world, { expectObservable }) => {
      const gate = createGate(world.scheduler, delay);
      const connect = scripted(world, { connecting: 30 }, { connecting: 2, answering: 1 });
      const [one, two] = [linkTo(world, connect, { gate }), linkTo(world, connect, { gate })];
      expectObservable(ask(one)).toBe('----#', {}, 'the connection to b:1 is closed');
      expectObservable(ask(two), '-^').toBe('-------(a|)', { a: 'c2' });
      world.at(4, () => one.close());
    });
  });

  test('of those who waited for one link, who asks again on hearing of the failure is not given the attempt that has failed', () => {
    run(
      (world, { expectObservable }) => {
        const gate = createGate(world.scheduler, delay);
        const connect = scripted(world, { refused }, { connecting: 2, refused }, { answering: 1 });
        const link = linkTo(world, connect, { gate });
        expectObservable(ask(link)).toBe('#', {}, 'refused');
        expectObservable(ask(link), '--^').toBe('12ms #', {}, 'refused');
        expectObservable(ask(link).pipe(catchError(() => ask(link))), '---^').toBe('33ms (a|)', { a: 'c3' });
      },
      (log) => expect(log.filter((line) => line.includes('connect'))).toEqual(['0 connect c1', '10 connect c2', '32 connect c3']),
    );
  });

  test('who asks again on hearing of the failure waits for the next attempt', () => {
    run((world, { expectObservable }) => {
      const gate = createGate(world.scheduler, delay);
      const connect = scripted(world, { connecting: 2, refused }, { answering: 1 });
      const [one, two] = [linkTo(world, connect, { gate }), linkTo(world, connect, { gate })];
      expectObservable(ask(one).pipe(catchError(() => ask(one)))).toBe('13ms (a|)', { a: 'c3' });
      expectObservable(ask(two).pipe(catchError(() => ask(two)))).toBe('13ms (a|)', { a: 'c2' });
    });
  });

  test('a connection that never answered anything counts as a failure, one that did does not', () => {
    run((world, { expectObservable }) => {
      const gate = createGate(world.scheduler, delay);
      const hung = linkTo(world, scripted(world, {}, { answering: 1 }), { gate });
      expectObservable(ask(hung, 4)).toBe('----#', {}, 'no answer to Echo from b:1 within 4 ms');
      expectObservable(ask(hung), '------^').toBe('15ms (a|)', { a: 'c2' });
    });
    run((world, { expectObservable }) => {
      const gate = createGate(world.scheduler, delay);
      const lively = linkTo(world, scripted(world, { answering: 1, lostAfter: 4 }, { answering: 1 }), { gate });
      expectObservable(ask(lively)).toBe('-(a|)', c1);
      expectObservable(ask(lively), '-----^').toBe('------(a|)', { a: 'c2' });
    });
  });

  test('the first answer ends the row of failures', () => {
    run((world, { expectObservable }) => {
      const gate = createGate(world.scheduler, delay);
      const link = linkTo(world, scripted(world, { refused }, { answering: 2 }), { gate });
      expectObservable(ask(link)).toBe('#', {}, 'refused');
      expectObservable(ask(link), '12ms ^').toBe('14ms (a|)', { a: 'c2' });
      world.at(13, () => expect(gate.health.failures).toBe(1));
      world.at(15, () => expect(gate.health.failures).toBe(0));
    });
  });

  test('closing a link says nothing about the broker', () => {
    run((world, { expectObservable }) => {
      const gate = createGate(world.scheduler, delay);
      const [one, two] = [linkTo(world, scripted(world, {}), { gate }), linkTo(world, scripted(world, { answering: 1 }), { gate })];
      expectObservable(ask(one)).toBe('--#', {}, 'c1 is gone');
      world.at(2, () => one.close());
      expectObservable(ask(two), '---^').toBe('----(a|)', c1);
    });
  });
});
