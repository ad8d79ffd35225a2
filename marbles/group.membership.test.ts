import { concat, defer, EMPTY, ignoreElements, map, merge, NEVER, of, Subject, take, tap, type Observable } from 'rxjs';
import { test } from 'vitest';
import { createCluster } from '../src/cluster/cluster.ts';
import type { Context } from '../src/cluster/context.ts';
import { createCoordinator } from '../src/cluster/coordinator.ts';
import type { Coordinator } from '../src/cluster/ports.ts';
import { codeOf, errorOf } from '../src/errors/table.ts';
import { cooperativeSticky } from '../src/group/assignors/cooperativeSticky.ts';
import { heartbeats } from '../src/group/heartbeat.ts';
import type { GroupHost, GroupMembership } from '../src/group/host.ts';
import { createMembership } from '../src/group/membership.ts';
import { asMember, marble, NEVER_ANSWERED } from '../test/support/scripted/index.ts';
import type { Marble } from '../test/support/scripted/marble.ts';

const lines = {
  j: 'JoinGroup',
  k: 'JoinGroup: the subscription has changed',
  r: 'JoinGroup: the coordinator began a rebalance',
  g: 'JoinGroup: 1 partitions were given up',
  f: 'JoinGroup: no answer to Metadata within 5010 ms',
  s: 'SyncGroup',
  l: 'LeaveGroup',
};

test('a wish to join again that comes while it joins is granted once there is an assignment, and the coordinator is told why', marble((kit) => {
  const { expectObservable, hot } = kit;
  const wish = '---w------';
  const sent = '---jjsks--';       // the coordinator has to be found first
  const stop = '---------!';
  const { membership, asked } = member(kit, { rejoinNeeded: hot(wish) });
  expectObservable(asked, stop).toBe(sent, lines);
  expectObservable(membership.run, stop).toBe('');
}));

test('wishes that come later are granted at once', marble((kit) => {
  const { expectObservable, hot } = kit;
  const wishes = '--------w-w----w--';
  const sent =   '---jjs--ksks---ks-';
  const stop =   '-----------------!';
  const { membership, asked } = member(kit, { rejoinNeeded: hot(wishes) });
  expectObservable(asked, stop).toBe(sent, lines);
  expectObservable(membership.run, stop).toBe('');
}));

test('the group is left once, however often that is asked for, and each who asks hears of the end', marble((kit) => {
  const { cluster, expectObservable, play } = kit;
  const { membership, asked } = member(kit);
  cluster.fail('LeaveGroup', { delay: 5 });
  const left = new Subject<string>();
  const leave = (name: string): void => { membership.leave().subscribe({ next: () => left.next('a value'), error: () => left.next('an error'), complete: () => left.next(name) }); };
  const script = '--------ab----------c---';
  const sent =   '---jjs--l---------------';
  const ends =   '---------------(ab)-c---';
  const stop =   '-----------------------!';

  expectObservable(asked, stop).toBe(sent, lines);
  expectObservable(left, stop).toBe(ends);
  expectObservable(membership.run, stop).toBe('--------|');
  play(script, { a: () => leave('a'), b: () => leave('b'), c: () => leave('c') });
}));

test('who leaves hears no error, whatever goes wrong on the way', marble((kit) => {
  const { cluster, expectObservable, play } = kit;
  const { membership } = member(kit);
  const left = new Subject<string>();
  const script = '--------x-l--------';
  const ends =   '-----------c-------';
  const stop =   '-------------------!';

  expectObservable(left, stop).toBe(ends, { c: 'complete' });
  expectObservable(membership.run, stop).toBe('----------|');
  play(script, {
    x: () => { cluster.refuse(1, 'TLS_FAILED'); cluster.cut(1); },
    l: () => { membership.leave().subscribe({ complete: () => left.next('complete'), error: () => left.next('error') }); },
  });
}));

test('a leader that does not get to know how many partitions there are joins again, and says why', marble((kit) => {
  const { expectObservable } = kit;
  const sent = '---jj 5110ms f';
  const stop = '5200ms !';
  const { membership, asked } = member(kit, { partitionCounts: () => NEVER, options: asMember({ rebalanceTimeout: 10, heartbeatInterval: 10_000 }) });
  expectObservable(asked, stop).toBe(sent, lines);
  expectObservable(membership.run, stop).toBe('');
}));

test.each([
  ['with an id: it is said good-bye with', 'MEMBER_ID_REQUIRED', '---j 21ms l', '---- 23ms c'],
  ['without an id: there is nothing to say', 'COORDINATOR_LOAD_IN_PROGRESS', '---j', '---- 21ms c'],
])('who leaves while its first join is on its way waits for the answer, %s', (_, error, sent, ends) => marble((kit) => {
  const { cluster, expectObservable, play } = kit;
  const { membership, asked } = member(kit);
  if (error !== 'MEMBER_ID_REQUIRED') cluster.fail('JoinGroup', error);
  const script = '----------l 13ms u';       // the broker does not read between 3 and 24
  const left = new Subject<string>();
  const stop = '3s !';

  expectObservable(asked, stop).toBe(sent, lines);
  expectObservable(left, stop).toBe(ends, { c: 'complete' });
  expectObservable(asked.pipe(take(1), tap(() => { cluster.apply({ kind: 'freeze', node: 1 }); }), ignoreElements()), stop).toBe('---|');
  expectObservable(membership.run, stop).toBe('----------|');
  play(script, {
    l: () => { membership.leave().subscribe({ complete: () => left.next('complete'), error: () => left.next('error') }); },
    u: () => { cluster.apply({ kind: 'up', node: 1 }); },
  });
})());

test('where that answer gets lost on the way there is nothing to say either, and no error', marble((kit) => {
  const { cluster, expectObservable, play } = kit;
  const { membership, asked } = member(kit);
  cluster.fail('JoinGroup', NEVER_ANSWERED);
  const script = '---------- l----x';
  const sent =   '---j------ -';
  const ends =   '---------- -----c';
  const left = new Subject<string>();
  const stop = '3s !';

  expectObservable(asked, stop).toBe(sent, lines);
  expectObservable(left, stop).toBe(ends, { c: 'complete' });
  expectObservable(membership.run, stop).toBe('----------|');
  play(script, {
    l: () => { membership.leave().subscribe({ complete: () => left.next('complete'), error: () => left.next('error') }); },
    x: () => { cluster.cut(1); },
  });
}));

test('a rebalance that the coordinator began is the reason for the next join', marble((kit) => {
  const { cluster, expectObservable, play } = kit;
  const { membership, asked } = member(kit, { options: asMember({ heartbeatInterval: 10 }) });
  const script = '---------x-------';
  const sent =   '---jjs---- 7ms rs';
  const stop =   '30ms !';

  expectObservable(asked, stop).toBe(sent, lines);
  expectObservable(membership.run, stop).toBe('');
  play(script, { x: () => { cluster.apply({ kind: 'rebalance' }); } });
}));

test('cooperative: a rebalance that begins during a hand-over has its own deadline, once: the join is in time for it, whether the hand-over ends or not', marble((kit) => {
  const { cluster, expectObservable, play } = kit;
  const told = new Subject<number>();
  let held = true;
  const { membership, asked } = member(kit, {
    options: asMember({ assignors: [cooperativeSticky], heartbeatInterval: 100, rebalanceTimeout: 5_000 }),
    owned: () => (held ? [{ topic: 'orders', partition: 7 }] : []),
    handOver: (_, deadlines) => merge(NEVER, deadlines.pipe(tap((at) => { held = false; told.next(at); }), ignoreElements())),
  });
  cluster.fail('SyncGroup', { delay: 50 });       // sent at 5, answered at 56
  const script =    '60ms x';
  const sent =      '---jjs 4999ms gs';
  const deadlines = '56ms a 50ms b';       // the first heartbeat is sent at 106
  const stop =      '5100ms !';

  expectObservable(asked, stop).toBe(sent, lines);
  expectObservable(told, stop).toBe(deadlines, { a: 3_056, b: 3_005 });
  expectObservable(membership.run, stop).toBe('');
  play(script, { x: () => { cluster.apply({ kind: 'rebalance' }); } });
}));

test('heartbeats say what they are told, and go on for as long as anybody wants them', marble((kit) => {
  const { expectObservable } = kit;
  const { host } = member(kit);
  const outcomes = '---- 10ms o---------- o';
  expectObservable(heartbeats({ ...host, options: asMember({ heartbeatInterval: 10 }) }, { memberId: 'nobody', generation: 1 }).pipe(map(({ kind }) => kind)), '30ms !').toBe(outcomes, { o: 'over' });
}));

test('a commit that was overtaken by the next generation may be tried again, but not by who comes into no further one', marble((kit) => {
  const { cluster, expectObservable, play, scheduler } = kit;
  const cooperative = asMember({ assignors: [cooperativeSticky], heartbeatInterval: 10 });
  const { membership } = member(kit, { options: cooperative, owned: () => [{ topic: 'orders', partition: 0 }] });
  const said = new Subject<boolean>();
  const illegal = errorOf(codeOf('ILLEGAL_GENERATION'));
  const ask = (): void => said.next(membership.evicted(illegal, membership.current()));
  // The rebalance begins; its join waits for an answer when it is asked, and again when the run is over.
  scheduler.schedule(() => cluster.fail('JoinGroup', { delay: 500 }), 30);
  expectObservable(said, '300ms !').toBe('- 99ms f 99ms t', { f: false, t: true });
  expectObservable(membership.run, '150ms !').toBe('');
  play('- 49ms r 49ms a 99ms b', { r: () => cluster.apply({ kind: 'rebalance' }), a: ask, b: ask });
}));

/** A member of group `g` in its room, without a consumer around it, and what it says to its coordinator but for heartbeats. */
function member(kit: Marble, overrides: Partial<GroupHost> = {}): { readonly host: GroupHost; readonly membership: GroupMembership; readonly asked: Observable<string> } {
  const { cluster: connector, scheduler } = kit;
  const context: Context = {
    ...{ connector, scheduler, random: () => 0.5, backoff: { initial: 100, max: 10_000, jitter: 0.2 } },
    ...{ requestTimeout: 30_000, metadataMaxAge: 300_000, tell: () => undefined },
  };
  const cluster = createCluster(context, () => ['orders']);
  const asked = new Subject<string>();
  const known = createCoordinator(context, cluster, 'g');
  const note = (name: string, message: unknown): void => {
    const reason: unknown = Reflect.get(Object(message), 'reason');
    if (name !== 'Heartbeat') asked.next(typeof reason === 'string' ? `${name}: ${reason}` : name);
  };
  const request: Coordinator['request'] = (purpose, api, message, deadline) =>
    defer(() => {
      if (typeof message !== 'function') note(api.name, message);
      const noted = <Q>(make: () => Q): Q => {
        const made = make();
        note(api.name, made);
        return made;
      };
      return known.request(purpose, api, typeof message === 'function' ? () => noted(message as () => never) : message, deadline);
    });
  const host: GroupHost = {
    ...{ context, coordinator: { ...known, request }, options: asMember(), subscription: () => ['orders'] },
    partitionCounts: () => concat(of(new Map([['orders', 1]])), NEVER),
    ...{ rejoinNeeded: EMPTY, stopping: () => false, handOver: () => EMPTY },
    ...{ owned: () => [], assigned: () => undefined, renewed: () => undefined, lost: () => undefined, alive: () => undefined },
    ...overrides,
  };
  connector.topic('orders', 1);
  scheduler.schedule(() => cluster.close(), 10_000);
  return { host, membership: createMembership(host), asked };
}
