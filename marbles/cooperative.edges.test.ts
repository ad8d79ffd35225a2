import { catchError, concat, defer, EMPTY, map, mergeMap, of, Subject, tap, timer } from 'rxjs';
import { expect, test } from 'vitest';
import { cooperativeSticky } from '../src/group/assignors/cooperativeSticky.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { asMember, codeOf } from '../test/support/scripted/index.ts';
import { at, life, show } from './cooperative.life.ts';

const cooperative = asMember({ assignors: [cooperativeSticky], heartbeatInterval: 10 });

test('a stop whose last commit meets the generation that has just begun', () => {
  const lines = life((m, log) => {
    m.cluster.topic('orders', 2, 1);
    const taken = new Map<string, KafkaRecord>();
    const until = new Subject<void>();
    const s1 = m.consume({ mode: cooperative, until }, {}).pipe(show(log, 'm1', taken));
    const s2 = m.consume({ mode: cooperative }, {}).pipe(show(log, 'm2'));
    let a: { unsubscribe(): void } | undefined, b: { unsubscribe(): void } | undefined;
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      20: () => { b = s2.subscribe({ error: () => undefined }); },
      // m1's join is answered late
      27: () => { m.cluster.inject({ api: 'JoinGroup', kind: 'latency', delay: 10, times: 1, after: 0 }); },
      33: () => { for (const r of taken.values()) r.ack(); log('m1 stops'); until.next(); },
      3000: () => { a?.unsubscribe(); b?.unsubscribe(); },
    });
  });
  expect(lines.filter((l) => l.includes('m1 ERROR'))).toEqual([]);
});

test('a commit of the syncing time that is refused late does not call the group together again', () => {
  const lines = life((m, log) => {
    m.cluster.topic('orders', 2, 1);
    const taken = new Map<string, KafkaRecord>();
    const s1 = m.consume({ mode: cooperative }, {}).pipe(show(log, 'm1'));
    const s2 = m.consume({ mode: { ...cooperative, heartbeatInterval: 50 }, commit: { interval: 5_000, records: 1 } }, {}).pipe(show(log, 'm2', taken));
    let a: { unsubscribe(): void } | undefined, b: { unsubscribe(): void } | undefined;
    let acked = false;
    m.cluster.traffic.subscribe({ error: () => undefined, next: (t) => {
      if (t.kind === 'request' && t.api === 'SyncGroup' && (t.message as { memberId: string; generationId: number }).memberId === 'm-2' && m.scheduler.now() > 500 && !acked) {
        acked = true;
        m.scheduler.schedule(() => { for (const r of taken.values()) r.ack(); }, 1);
      }
    } });
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      20: () => { b = s2.subscribe({ error: () => undefined }); },
      300: () => { m.cluster.append('orders', 0, 1); m.cluster.append('orders', 1, 1); },
      500: () => {
        m.cluster.inject({ api: 'JoinGroup', kind: 'latency', delay: 20, times: 1 });
        m.cluster.inject({ api: 'OffsetCommit', kind: 'latency', delay: 30, times: 1 });
        m.cluster.apply({ kind: 'rebalance' });
      },
      3000: () => { a?.unsubscribe(); b?.unsubscribe(); },
    });
  });
  expect(lines.filter((l) => l.includes('> join') && parseInt(l) >= 500).length).toBe(2);
});

test('a join that waits for its coordinator is not sent once the consumer stops', () => {
  const lines = life((m, log) => {
    m.cluster.topic('orders', 2, 1).topic('bills', 1, 1);
    const taken = new Map<string, KafkaRecord>();
    const until = new Subject<void>();
    const more = new Subject<string[]>();
    const s1 = m.consume({ mode: { ...cooperative, topics: [], selections: concat(of(['orders']), more) }, until }, {}).pipe(show(log, 'm1', taken));
    let a: { unsubscribe(): void } | undefined;
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      450: () => { m.cluster.inject({ api: 'FindCoordinator', kind: 'latency', delay: 2_000, times: 9 }); m.cluster.inject({ api: 'Heartbeat', kind: 'error', error: 'NOT_COORDINATOR', times: 1 }); },
      500: () => more.next(['orders', 'bills']),
      800: () => { log('m1 stops'); until.next(); },
      6000: () => { for (const r of taken.values()) r.ack(); },
      8000: () => { a?.unsubscribe(); },
    });
  });
  const stopped = lines.findIndex((l) => l.includes('m1 stops'));
  expect(lines.slice(stopped).filter((l) => l.includes('> join m-1'))).toEqual([]);
});

test('who has claimed in its join what it has lost since joins again, if it is given to another', () => {
  const begun: string[] = [];
  const lines = life((m, log) => {
    m.cluster.topic('orders', 2, 1);
    const s1 = m.consume({ mode: cooperative, metadataMaxAge: 100 }, {}).pipe(show(log, 'm1'));
    const s2 = m.consume({ mode: cooperative, metadataMaxAge: 100 }, {}).pipe(show(log, 'm2'));
    let a: { unsubscribe(): void } | undefined, b: { unsubscribe(): void } | undefined;
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      // m1's join of the rebalance that the second one brings is answered late: meanwhile the topic is deleted and created again
      120: () => { b = s2.subscribe({ error: () => undefined }); },
      127: () => { m.cluster.inject({ api: 'JoinGroup', kind: 'latency', delay: 1_000, times: 1 }); },
      150: () => { m.cluster.apply({ kind: 'deleteTopic', topic: 'orders' }); m.cluster.apply({ kind: 'createTopic', topic: 'orders', partitions: 2 }); m.cluster.append('orders', 0, 3); m.cluster.append('orders', 1, 3); },
      20000: () => { a?.unsubscribe(); b?.unsubscribe(); },
    });
  });
  const after = lines.filter((l) => parseInt(l) > 1000);
  begun.push(...after.filter((l) => l.includes('@2')).map((l) => l.split(' ').at(-1) ?? ''));
  expect(begun.sort()).toEqual(['0@2', '1@2']);
});

test('stopAt with commit: false: nobody completes before all is read', () => {
  const lines = life((m, log) => {
    m.cluster.topic('orders', 2, 3);
    const s1 = m.consume({ mode: cooperative, stopAt: 'end', commit: false, window: { records: 1, bytes: 1_000_000 } }, {}).pipe(
      mergeMap((stream) => stream.pipe(mergeMap((r) => (r.partition === 0 ? of(r) : timer(1_000).pipe(map(() => r))), 1), tap((r) => { r.ack(); log(`m1 ${r.partition}@${r.offset}`); }))),
      tap({ complete: () => log('m1 COMPLETE') }));
    const s2 = m.consume({ mode: cooperative, stopAt: 'end', commit: false }, {}).pipe(show(log, 'm2'));
    let a: { unsubscribe(): void } | undefined, b: { unsubscribe(): void } | undefined;
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      30: () => { b = s2.subscribe({ error: () => undefined }); },
      20000: () => { a?.unsubscribe(); b?.unsubscribe(); },
    });
  });
  const read = new Set(lines.map((l) => l.split(' ').at(-1) ?? '').filter((l) => l.includes('@')));
  expect([...read].sort()).toEqual(['0@0', '0@1', '0@2', '1@0', '1@1', '1@2']);
});

test('a stop that is lost meanwhile says that not all was committed', () => {
  const lines = life((m, log) => {
    m.cluster.topic('orders', 1, 2);
    const taken = new Map<string, KafkaRecord>();
    const until = new Subject<void>();
    const s1 = m.consume({ mode: cooperative, until }, {}).pipe(show(log, 'm1', taken));
    let a: { unsubscribe(): void } | undefined;
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      500: () => { log('m1 stops'); taken.get('0@0')?.ack(); until.next(); },
      600: () => m.cluster.apply({ kind: 'evict', groupId: 'g' }),
      8000: () => { a?.unsubscribe(); },
    });
  });
  expect(lines.filter((l) => l.includes('m1 ERROR COMMIT_FAILED')).length).toBe(1);
});

test('whoever unsubscribes at the completion of a taken stream leaves nothing behind', () => {
  const lines = life((m, log) => {
    m.cluster.topic('orders', 2, 1);
    let a: { unsubscribe(): void } | undefined, b: { unsubscribe(): void } | undefined;
    const s1 = m.consume({ mode: cooperative }, {}).pipe(show(log, 'm1'), tap((x) => { if (x.startsWith('1!')) a?.unsubscribe(); }));
    const s2 = m.consume({ mode: cooperative }, {}).pipe(show(log, 'm2'));
    for (const kind of ['assigned', 'revoked', 'lost', 'revokeRequested', 'joined', 'closed'] as const) m.told(kind).subscribe({ next: (e) => log(`event ${JSON.stringify(e)}`), error: () => undefined });
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      20: () => { b = s2.subscribe({ error: () => undefined }); },
      5000: () => { b?.unsubscribe(); },
    });
  });
  expect(lines.filter((l) => l.includes('m1 1!') || l.includes('> leave') || l.includes('m2 1@0')).map((l) => l.replace(/^\d+ /, ''))).toEqual(['m1 1! ', '> leave m-1', '> leave m-2']);
});

test('commit: false: what the user commits at the end of a taken stream gets through, though it is refused at first', () => {
  const lines = life((m, log) => {
    m.cluster.topic('orders', 2, 1);
    const s1 = m.consume({ mode: cooperative, commit: false }, {}).pipe(mergeMap((s) => concat(
      s.pipe(tap((r) => { r.ack(); log(`m1 ${r.partition}@${r.offset}`); })),
      defer(() => s.commit().pipe(catchError((e: unknown) => { log(`m1 commit of ${s.partition} ERROR ${String(codeOf(e))}`); return EMPTY; }))),
      defer(() => { log(`m1 ${s.partition} committed`); return EMPTY; }))));
    const s2 = m.consume({ mode: cooperative }, {}).pipe(show(log, 'm2'));
    let a: { unsubscribe(): void } | undefined, b: { unsubscribe(): void } | undefined;
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      20: () => { m.cluster.inject({ api: 'OffsetCommit', kind: 'error', error: 'COORDINATOR_LOAD_IN_PROGRESS', times: 1 }); b = s2.subscribe({ error: () => undefined }); },
      5000: () => { a?.unsubscribe(); b?.unsubscribe(); },
    });
  });
  expect(lines.filter((l) => l.includes('ERROR') || l.includes('m2 1@0') || l.includes('m2 0@0'))).toEqual([]);
});

test('at most once: a rebalance adds little to what stays', () => {
  const lines = life((m, log) => {
    m.cluster.topic('orders', 2, 1);
    const s1 = m.consume({ mode: cooperative, delivery: 'at-most-once' }, {}).pipe(show(log, 'm1'));
    const s2 = m.consume({ mode: { ...cooperative, heartbeatInterval: 50 }, delivery: 'at-most-once' }, {}).pipe(show(log, 'm2'));
    let a: { unsubscribe(): void } | undefined, b: { unsubscribe(): void } | undefined;
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      20: () => { b = s2.subscribe({ error: () => undefined }); },
      1000: () => { m.cluster.inject({ api: 'JoinGroup', kind: 'latency', delay: 3_000, times: 1 }); m.cluster.apply({ kind: 'rebalance' }); },
      1100: () => { m.cluster.append('orders', 0, 1); m.cluster.append('orders', 1, 1); },
      20000: () => { a?.unsubscribe(); b?.unsubscribe(); },
    });
  });
  const synced = lines.filter((l) => l.includes('< SyncGroup') && parseInt(l) > 4000).map((l) => parseInt(l))[0] ?? 0;
  for (const l of ['m1 0@1', 'm2 1@1']) expect(lines.filter((x) => x.endsWith(l)).map((x) => parseInt(x) - synced <= 5)).toEqual([true]);
});

test('a partition is lost or revoked, not both', () => {
  const events: string[] = [];
  life((m, log) => {
    m.cluster.topic('orders', 2, 1);
    const taken = new Map<string, KafkaRecord>();
    const s1 = m.consume({ mode: cooperative, metadataMaxAge: 50 }, {}).pipe(show(log, 'm1', taken));
    const s2 = m.consume({ mode: cooperative }, {}).pipe(show(log, 'm2'));
    for (const kind of ['assigned', 'revoked', 'lost', 'revokeRequested', 'joined'] as const) m.told(kind).subscribe({ next: (e) => events.push(JSON.stringify(e)), error: () => undefined });
    let a: { unsubscribe(): void } | undefined, b: { unsubscribe(): void } | undefined;
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      20: () => { b = s2.subscribe({ error: () => undefined }); },
      500: () => { m.cluster.apply({ kind: 'deleteTopic', topic: 'orders' }); },
      30000: () => { a?.unsubscribe(); b?.unsubscribe(); },
    });
  });
  const both = events.filter((e) => e.includes('"revoked"') && e.includes('"partition":1'));
  expect(both).toEqual([]);
});

test('who waits for the answer to a join that is lost hears that it was put out of the group', () => {
  const lines = life((m, log) => {
    m.cluster.topic('orders', 2, 1);
    const mode = { ...cooperative, rebalanceTimeout: 3_000, sessionTimeout: 30_000 };
    const s1 = m.consume({ mode }, {}).pipe(show(log, 'm1', new Map()));
    const s2 = m.consume({ mode }, {}).pipe(show(log, 'm2', new Map()));
    m.told('lost').subscribe({ next: (e) => log(`event ${JSON.stringify(e)}`), error: () => undefined });
    let a: { unsubscribe(): void } | undefined, b: { unsubscribe(): void } | undefined;
    at(m, {
      0: () => { a = s1.subscribe({ error: () => undefined }); },
      20: () => { b = s2.subscribe({ error: () => undefined }); },
      27: () => m.cluster.inject({ api: 'JoinGroup', kind: 'noAnswer', times: 1 }),
      30000: () => { a?.unsubscribe(); b?.unsubscribe(); },
    });
  });
  const out = lines.findIndex((l) => l.includes('m2 begins'));
  const lost = lines.findIndex((l) => l.includes('event') && l.includes('lost'));
  expect(parseInt(lines[lost] ?? '') - parseInt(lines[out] ?? '')).toBeLessThan(50);
});
