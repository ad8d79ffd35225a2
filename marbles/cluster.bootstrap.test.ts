import { map, mergeAll, NEVER, Subject } from 'rxjs';
import { test } from 'vitest';
import { createBootstrap, type Bootstrap } from '../src/cluster/bootstrap.ts';
import type { Context } from '../src/cluster/context.ts';
import { createGates } from '../src/cluster/gates.ts';
import { metadataApi } from '../src/protocol/apis/index.ts';
import { asMember, codeOf, marble, named, NEVER_ANSWERED } from '../test/support/scripted/index.ts';
import type { Marble } from '../test/support/scripted/marble.ts';
import { contextOf } from './cluster.context.ts';

const lines = { b: 'bootstrap', m: 'metadata', c: 'connect' };

test('a bootstrap broker that takes the connection and does not answer costs requestTimeout, and backs off as one that is away', marble((kit) => {
  const { cluster, expectObservable, play } = kit;
  cluster.fail('Metadata', NEVER_ANSWERED);
  const bootstrap = bootstrapOf(kit, { requestTimeout: 50 });
  const heard = new Subject<unknown>();
  const script = 'a 59ms a                ';
  const sent =   'bm 148ms bm             ';
  const said =   '- 49ms t 101ms d        ';
  expectObservable(cluster.sent('Bootstrap', 'Metadata'), '300ms !').toBe(sent, lines);
  expectObservable(heard, '300ms !').toBe(said, { t: 'REQUEST_TIMED_OUT', d: 'answered' });
  play(script, { a: () => listen(bootstrap, heard) });
}));

test('a bootstrap broker that does not let anybody in costs the time of an attempt to connect', marble((kit) => {
  const { expectObservable } = kit;
  const connector = { connect: () => NEVER };
  const bootstrap = createBootstrap(contextOf(kit, { connector, requestTimeout: 60_000 }), createGates(contextOf(kit)));
  expectObservable(ask(bootstrap).pipe(named()), '100s !').toBe('10s #', {}, 'CONNECTION_FAILED');
}));

test('a question that is given up gives up its attempt: the next one does not wait for it', marble((kit) => {
  const { cluster, expectObservable } = kit;
  cluster.latency = 20;
  const bootstrap = bootstrapOf(kit);
  const first =  '^---------!                    ';
  const second = '---------------^               ';
  const sent =   'b--------------b 19ms m';
  expectObservable(cluster.sent('Bootstrap', 'Metadata'), '200ms !').toBe(sent, lines);
  expectObservable(ask(bootstrap).pipe(map(() => 'd')), first).toBe('');
  expectObservable(ask(bootstrap).pipe(map(() => 'd')), second).toBe('--------------- 40ms (d|)');
}));

test('an answer of a bootstrap broker ends its back-off, for whatever it is connected to', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  cluster.refuse(1);
  //               refused three times; lets in and answers; is away again; there again
  const script =   '500ms a 203ms r 50ms a     ';
  const connects = 'b 100ms b 200ms b 400ms b-c 100ms cc';
  expectObservable(cluster.sent('Bootstrap', 'Connect'), '2s !').toBe(connects, lines);
  expectObservable(consume({ backoff: { initial: 100, max: 400, jitter: 0.2 } }).pipe(mergeAll(), map(() => 'r')), '2s !').toBe('808ms r');
  play(script, { a: () => cluster.accept(1), r: () => cluster.refuse(1) });
}));

test('when all brokers have moved to other addresses, the bootstrap ones tell where they are: records, commits and heartbeats go on', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 2, 1);
  const script =   '- 999ms m 1500ms a       ';
  const asked =    'b 1100ms         b       ';       // the known addresses refuse, at 1000 and again at 1102
  const records =  '------------(rr) 2486ms r';
  const stop =     '10s !';
  const moved = (): void => {
    for (const [id, broker] of cluster.model.brokers) Object.assign(broker, { host: `new${String(id)}` });
    for (const id of cluster.model.brokers.keys()) cluster.cut(id);
  };
  expectObservable(cluster.sent('Bootstrap').pipe(map(() => 'b')), stop).toBe(asked);
  expectObservable(cluster.sent('JoinGroup').pipe(map(() => 'j')), stop).toBe('-----jj');
  expectObservable(consume({ mode: asMember() }).pipe(mergeAll(), map(() => 'r')), stop).toBe(records);
  play(script, { m: moved, a: () => cluster.append('orders', 0, 1) });
}, 2));

function bootstrapOf(kit: Marble, overrides: Partial<Context> = {}): Bootstrap {
  const context = contextOf(kit, overrides);
  return createBootstrap(context, createGates(context));
}

function ask(bootstrap: Bootstrap): ReturnType<typeof bootstrap.ask> {
  return bootstrap.ask(metadataApi, { topics: [], allowAutoTopicCreation: false, includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false });
}

function listen(bootstrap: Bootstrap, heard: Subject<unknown>): void {
  ask(bootstrap).subscribe({ next: () => heard.next('answered'), error: (error: unknown) => heard.next(codeOf(error)) });
}
