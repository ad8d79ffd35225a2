import { concat, defer, EMPTY, map, NEVER, of, Subject, type Observable } from 'rxjs';
import { test } from 'vitest';
import { createCluster } from '../src/cluster/cluster.ts';
import type { Context } from '../src/cluster/context.ts';
import { createCoordinator } from '../src/cluster/coordinator.ts';
import type { Coordinator } from '../src/cluster/ports.ts';
import { heartbeats } from '../src/group/heartbeat.ts';
import type { GroupHost, GroupMembership } from '../src/group/host.ts';
import { createMembership } from '../src/group/membership.ts';
import { asMember, marble } from '../test/support/scripted/index.ts';
import type { Marble } from '../test/support/scripted/marble.ts';

const lines = {
  j: 'JoinGroup',
  k: 'JoinGroup: the subscription has changed',
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

test('heartbeats say what they are told, and go on for as long as anybody wants them', marble((kit) => {
  const { expectObservable } = kit;
  const { host } = member(kit);
  const outcomes = '---- 10ms o---------- o';
  expectObservable(heartbeats({ ...host, options: asMember({ heartbeatInterval: 10 }) }, { memberId: 'nobody', generation: 1 }).pipe(map(({ kind }) => kind)), '30ms !').toBe(outcomes, { o: 'over' });
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
