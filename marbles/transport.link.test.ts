import { catchError, concat, concatMap, EMPTY, map, merge, NEVER, Observable, of, Subject, takeUntil, throwError, timer, type SchedulerLike } from 'rxjs';
import { test } from 'vitest';
import { ConnectionError } from '../src/errors/index.ts';
import { createLink, type GatedLink, type LinkOptions } from '../src/transport/link.ts';
import type { Connection } from '../src/transport/port.ts';
import { createUses, renewal } from '../src/transport/renewal.ts';
import { codeOf, marble, named } from '../test/support/scripted/index.ts';
import { echoApi } from '../test/transport/support/echo.ts';

const limits = { first: 20, each: 5 };
const words = { a: 'c1', b: 'c2', x: 'CONNECTION_LOST', f: 'CONNECTION_FAILED' };

test('who watches a link hears of each connection before it is used, and of its end: with the reason, or without one where we close it', marble(({ scheduler, expectObservable, play }) => {
  const watched = new Subject<string>();
  const connect = connector(scheduler, [{ name: 'c1', lostAfter: 10 }, { name: 'c2' }], watched);
  const link = linkTo(scheduler, connect, {
    opened: ({ broker }) => watched.next(`opened ${broker}`),
    closed: (error) => watched.next(`closed ${error === undefined ? 'by us' : String(codeOf(error))}`),
  });
  const script = '--a--------------a-----c--';
  const seen =   '---(oa)------x----(pb)-d--';       // a connection takes 1 ms, and is lost 10 ms later
  const stop =   '--------------------------!';
  const heard = { o: 'opened c1', a: 'asked c1', x: 'closed CONNECTION_LOST', p: 'opened c2', b: 'asked c2', d: 'closed by us' };

  expectObservable(watched, stop).toBe(seen, heard);
  play(script, { a: () => { ask(link).subscribe(); }, c: () => link.close() });
}));

test('whoever asks again on hearing of a loss is given the next connection, not the one that is just dying', marble(({ scheduler, expectObservable }) => {
  const link = linkTo(scheduler, connector(scheduler, [{ name: 'c1', lostAfter: 10, answering: 50 }, { name: 'c2' }]));
  const answers = '-----------x-(b|)';       // lost at 11; connected at 12, answered at 13
  const again = ask(link).pipe(catchError((error: unknown) => concat(of(String(codeOf(error))), ask(link))));
  expectObservable(again, '30ms !').toBe(answers, words);
}));

test('what a connector fails with, of whatever kind, is an error of ours that can be healed', marble(({ scheduler, expectObservable }) => {
  const link = linkTo(scheduler, connector(scheduler, [{ name: 'c1', refused: new Error('out of sockets') }]));
  expectObservable(ask(link).pipe(named()), '30ms !').toBe('-#', {}, 'CONNECTION_FAILED');
}));

test('a connection that ends without an error is lost all the same', marble(({ scheduler, expectObservable }) => {
  const ending = (): Observable<Connection> => timer(1, scheduler).pipe(concatMap(() => EMPTY));
  expectObservable(ask(linkTo(scheduler, ending)).pipe(named()), '30ms !').toBe('-#', {}, 'CONNECTION_LOST');
}));

test('an attempt to connect that hangs ends after connectTimeout, however long the request may take', marble(({ scheduler, expectObservable }) => {
  const link = linkTo(scheduler, () => NEVER, { connectTimeout: 15 });
  expectObservable(ask(link).pipe(named()), '200ms !').toBe('15ms #', {}, 'CONNECTION_FAILED');
}));

test('an answer inside of subscribe is refused, as a defect of the connector', marble(({ scheduler, expectObservable }) => {
  const link = linkTo(scheduler, connector(scheduler, [{ name: 'c1', answering: 'at once' }]));
  expectObservable(ask(link).pipe(named()), '30ms !').toBe('-#', {}, 'SYNCHRONOUS_ANSWER');
}));

test('a link that is closed refuses each request, and none inside of subscribe', marble(({ scheduler, expectObservable, play }) => {
  const link = linkTo(scheduler, () => NEVER);
  const said = new Subject<string>();
  const asking = (): void => {
    ask(link).subscribe({ error: () => said.next('refused') });
    said.next('asked');
  };
  const script = '-c-a---a----';
  const heard =  '---(ar)(ar)';       // in a later task of the same millisecond
  expectObservable(said, '20ms !').toBe(heard, { a: 'asked', r: 'refused' });
  play(script, { c: () => link.close(), a: asking });
}));

test('an answer in parts has its time from one part to the next; the first has a time of its own', marble(({ scheduler, expectObservable }) => {
  const link = linkTo(scheduler, connector(scheduler, [{ name: 'c1', parts: [10, 4, 4, 4, 4] }]));
  const parts = '-----------p---p---p---p---p----#';       // connected at 1; 5 ms after the last part
  expectObservable(link.fetch({} as never, limits).pipe(map(({ kind }) => kind), named()), '60ms !').toBe(parts, { p: 'end' }, 'REQUEST_TIMED_OUT');
}));

test('a session that comes to its end: new requests go to another connection, and the old one is closed when the last answer has come', marble(({ scheduler, expectObservable, play }) => {
  const watched = new Subject<string>();
  const link = linkTo(scheduler, connector(scheduler, [{ name: 'c1', sessionLifetime: 100, answering: 20 }, { name: 'c2', answering: 1 }], watched), { closed: () => watched.next('closed') });
  const script =  '-a 78ms b    9ms  c        ';       // 85 % of the session are over at 86
  const seen =    '--a 77ms a   10ms b  8ms x ';
  expectObservable(watched, '200ms !').toBe(seen, { a: 'asked c1', b: 'asked c2', x: 'closed' });
  play(script, { a: () => { ask(link).subscribe(); }, b: () => { ask(link).subscribe(); }, c: () => { ask(link).subscribe(); } });
}));

test('a connection whose session ends is given up at 85 % of it, and closed once: as soon as nothing is under way on it', marble(({ scheduler, play, expectObservable }) => {
  const said = new Subject<string>();
  const uses = createUses();
  const used =  '-a-------------------b----';       // a: until 19; what is used until 23 ends when all is over
  const heard = '-----------------r-o------';
  const end =   '-------------------|------';
  const stop =  '-------------------------!';

  const use = (ms: number): void => { uses.count(timer(ms, scheduler)).subscribe(); };
  const ending = renewal({ sessionLifetime: 20 } as Connection, { retired: () => said.next('retired'), uses, over: () => said.next('over'), scheduler });
  expectObservable(said, stop).toBe(heard, { r: 'retired', o: 'over' });
  expectObservable(ending, stop).toBe(end);
  play(used, { a: () => use(18), b: () => use(2) });
}));

interface Script {
  readonly name: string;
  readonly refused?: Error;
  /** Frame of its life in which it is lost. */
  readonly lostAfter?: number;
  /** Frames until each answer; 1. */
  readonly answering?: number | 'at once';
  /** Frames from one part of a fetch's answer to the next. */
  readonly parts?: readonly number[];
  readonly sessionLifetime?: number;
}

/** One script per connection, the last again and again; connecting takes 1 ms. `asked`: hears of each request. */
function connector(scheduler: SchedulerLike, scripts: readonly Script[], asked = new Subject<string>()): () => Observable<Connection> {
  let count = 0;
  return () => {
    const script = scripts[Math.min(count++, scripts.length - 1)];
    if (script === undefined) return NEVER;
    const { name, refused, lostAfter, answering = 1, parts = [], sessionLifetime } = script;
    const gone = new Subject<never>();
    const lost = new ConnectionError('CONNECTION_LOST', `${name} is gone`);
    const answer = answering === 'at once' ? of(0) : timer(answering, scheduler);
    const connection: Connection = {
      broker: name,
      ...(sessionLifetime !== undefined && { sessionLifetime }),
      version: () => 1,
      send: <R>() => new Observable<R>((out) => {
        asked.next(`asked ${name}`);
        return answer.pipe(map(() => ({ text: name }) as R), takeUntil(gone)).subscribe(out);
      }),
      fetch: () => concat(...parts.map((ms) => timer(ms, scheduler).pipe(map(() => ({ kind: 'end' as const, bytes: 0, nodeEndpoints: [] })))), NEVER).pipe(takeUntil(gone)),
    };
    const life = lostAfter === undefined ? NEVER : timer(lostAfter, scheduler).pipe(concatMap(() => throwError(() => lost)));
    const opening = timer(1, scheduler).pipe(concatMap(() => (refused === undefined ? merge(of(connection), life) : throwError(() => refused))));
    return new Observable((out) => {
      out.add(() => gone.error(lost));
      return opening.subscribe(out);
    });
  };
}

function linkTo(scheduler: SchedulerLike, connect: () => Observable<Connection>, options: Partial<LinkOptions> = {}): GatedLink {
  return createLink({ address: { host: 'b', port: 1 }, connect, scheduler, connectTimeout: 50, ...options });
}

function ask(link: GatedLink): Observable<string> {
  return link.request(echoApi, { text: 'who?' }, 100).pipe(map(({ text }) => text));
}
