import { BrokerError, ConnectionError } from '../../../src/errors/index.ts';
import { epoch } from '../../../simulation/oracle/invariants/epoch.ts';
import { noLoss } from '../../../simulation/oracle/invariants/noLoss.ts';
import { once } from '../../../simulation/oracle/invariants/once.ts';
import { own } from '../../../simulation/oracle/invariants/own.ts';
import { position } from '../../../simulation/oracle/invariants/position.ts';
import { terminate } from '../../../simulation/oracle/invariants/terminate.ts';
import { asMember, cooperative, Fabricated, hundred } from './fabricated.ts';
import type { Case } from './cases.ts';

export const data: readonly Case[] = [
  {
    invariant: 'ONCE',
    what: 'a record is delivered twice in one delivery',
    history: (broken) =>
      new Fabricated([once()])
        .assigned([0])
        .stream(0, 1, 0)
        .delivered(1, 0, 1)
        .delivered(1, broken ? 1 : 2),
  },
  {
    invariant: 'ONCE',
    what: 'at most once, a further owner delivers what another has delivered',
    history: (broken) =>
      new Fabricated([once()], { groupId: 'g', topics: ['orders'], delivery: 'at-most-once' })
        .assigned([0])
        .stream(0, 1, 0)
        .delivered(1, 0, 1)
        .assigned([0], 2)
        .stream(0, 2, broken ? 1 : 2)
        .delivered(2, broken ? 1 : 2),
  },
  {
    invariant: 'EPOCH',
    what: 'what was asked for before a seek is delivered after it',
    history: (broken) => {
      const life = new Fabricated([epoch()])
        .assigned([0])
        .stream(0, 1, 0)
        .delivered(1, 0)
        .see({ kind: 'seek', stream: 1, to: { offset: 50 } });
      return broken ? life.delivered(1, 1) : life.positioned(1, 50, 'seek').delivered(1, 50);
    },
  },
  {
    invariant: 'EPOCH',
    what: 'a record below the new position is delivered first',
    history: (broken) =>
      new Fabricated([epoch()])
        .assigned([0])
        .stream(0, 1, 0)
        .see({ kind: 'seek', stream: 1, to: { offset: 50 } })
        .positioned(1, 50, 'seek')
        .delivered(1, broken ? 0 : 50),
  },
  {
    invariant: 'OWN',
    what: 'a record is delivered after the member was told that it is none any more',
    history: (broken) => {
      const life = new Fabricated([own()]).assigned([0]).stream(0, 1, 0).delivered(1, 0);
      return (broken ? life.heartbeat('UNKNOWN_MEMBER_ID') : life.heartbeat()).delivered(1, 1);
    },
  },
  {
    invariant: 'OWN',
    what: 'a stream of a partition begins that was not assigned',
    history: (broken) => new Fabricated([own()]).assigned([0]).stream(broken ? 1 : 0, 1, 0),
  },
  {
    invariant: 'OWN',
    what: 'a commit is made under an old generation, long after the new one began',
    history: (broken) => {
      const life = new Fabricated([own()]).assigned([0], 1).at(10).assigned([0], 2).stream(0, 1, 0).at(5_000);
      life.commits(0, broken ? 1 : 2);
      return life;
    },
  },
  {
    invariant: 'OWN',
    what: 'records are delivered though the session is over by the clock',
    history: (broken) => {
      const life = new Fabricated([own()])
        .assigned([0])
        .stream(0, 1, 0)
        .at(broken ? 46_000 : 44_000);
      return life.delivered(1, ...Array.from({ length: 70 }, (_, offset) => offset));
    },
  },
  {
    invariant: 'NOLOSS',
    what: 'a record is left out',
    history: (broken) =>
      new Fabricated([noLoss()])
        .assigned([0])
        .stream(0, 1, 0)
        .delivered(1, 0, broken ? 2 : 1),
  },
  {
    invariant: 'NOLOSS',
    what: 'an offset is committed at quiet time that nobody has acked up to',
    history: (broken) => {
      const life = new Fabricated([noLoss()], asMember, {
        ...hundred,
        committed: (_group, _topic, partition) => (partition === 0 ? 2 : undefined),
      });
      life.assigned([0]).stream(0, 1, 0).delivered(1, 0, 1).acked(1, 0);
      if (!broken) life.acked(1, 1);
      return quiet(life);
    },
  },
  {
    invariant: 'NOLOSS',
    what: 'what a reset passed over was not told',
    history: (broken) => {
      const life = new Fabricated([noLoss()], asMember, {
        ...hundred,
        committed: (_group, _topic, partition) => (partition === 0 ? 50 : undefined),
      });
      life.assigned([0]).stream(0, 1, 0);
      if (!broken) life.positioned(1, 50, 'reset');
      return quiet(life);
    },
  },
  {
    invariant: 'POS',
    what: 'the position goes back',
    history: (broken) => {
      const life = new Fabricated([position()]).assigned([0]).stream(0, 1, 0).delivered(1, 0, 1).at(1);
      Object.assign(life.views.get(1) ?? {}, { position: broken ? 1 : 2 });
      return life.at(2);
    },
  },
  {
    invariant: 'POS',
    what: 'what may be committed goes back',
    history: (broken) => {
      const life = new Fabricated([position()]).assigned([0]).stream(0, 1, 5).delivered(1, 5).acked(1, 5).at(1);
      life.see({ kind: 'unsubscribed', stream: 1 }, { kind: 'subscribed', stream: 1 });
      Object.assign(life.views.get(1) ?? {}, { position: broken ? 5 : 6 });
      return life.at(2);
    },
  },
  {
    invariant: 'POS',
    what: 'it asks for less than its position',
    history: (broken) => {
      const life = new Fabricated([position()]).assigned([0]).stream(0, 1, 10);
      life.fetch([0, broken ? 0 : 10]);
      return life;
    },
  },
  {
    invariant: 'POS',
    what: 'it asks while its position is looked up',
    history: (broken) => {
      const life = new Fabricated([position()]).assigned([0]).stream(0, 1, 10);
      life.see({ kind: 'seek', stream: 1, to: 'earliest' });
      Object.assign(life.views.get(1) ?? {}, { position: undefined });
      if (!broken) life.positioned(1, 0, 'seek');
      life.fetch([0, 0]);
      return life;
    },
  },
  {
    invariant: 'POS',
    what: 'there is a hole between what it holds and what it asks for',
    history: (broken) => {
      const life = new Fabricated([position()]).assigned([0]).stream(0, 1, 0);
      life.fetched(life.fetch([0, 0]), [0, 0, 10]);
      life.fetch([0, broken ? 20 : 10]);
      return life;
    },
  },
  {
    invariant: 'TERM',
    what: 'the consumer completes by itself',
    history: (broken) => {
      const life = new Fabricated([terminate()]);
      if (!broken) life.see({ kind: 'stop' });
      return life.see({ kind: 'ends', ending: { how: 'completed' } });
    },
  },
  {
    invariant: 'TERM',
    what: 'the consumer errors with what may be healed',
    history: (broken) =>
      new Fabricated([terminate()]).see({
        kind: 'ends',
        ending: {
          how: 'errored',
          error: broken ? new ConnectionError('CONNECTION_LOST', 'lost') : new BrokerError('GROUP_AUTHORIZATION_FAILED', 'no'),
        },
      }),
  },
  {
    invariant: 'TERM',
    what: 'the consumer errors with an eviction, which it heals by joining again',
    history: (broken) =>
      new Fabricated([terminate()]).see({
        kind: 'ends',
        ending: {
          how: 'errored',
          error: broken ? new BrokerError('UNKNOWN_MEMBER_ID', 'evicted') : new BrokerError('GROUP_AUTHORIZATION_FAILED', 'no'),
        },
      }),
  },
  {
    invariant: 'TERM',
    what: 'a stream completes, and nothing has taken its partition away',
    history: (broken) => {
      const life = new Fabricated([terminate()]).assigned([0]).stream(0, 1, 0);
      return (broken ? life.heartbeat() : life.heartbeat('REBALANCE_IN_PROGRESS')).see({ kind: 'completed', stream: 1 });
    },
  },
  {
    invariant: 'TERM',
    what: 'a cooperative member completes a stream in a rebalance that does not take it away',
    history: (broken) => {
      const life = new Fabricated([terminate()], cooperative).assigned([0, 1]).stream(0, 1, 0).stream(1, 2, 0);
      life.heartbeat('REBALANCE_IN_PROGRESS').assigned([0]);
      return life.see({ kind: 'completed', stream: broken ? 1 : 2 });
    },
  },
  {
    invariant: 'OWN',
    what: 'a cooperative member delivers what its new assignment took away',
    history: (broken) => {
      const life = new Fabricated([own()], cooperative).assigned([0, 1]).stream(0, 1, 0).stream(1, 2, 0).assigned([0]);
      return broken ? life.delivered(2, 0) : life.delivered(1, 0);
    },
  },
  {
    invariant: 'OWN',
    what: 'a cooperative member delivers after it was told of another generation, though it is not about to join',
    history: (broken) => {
      const life = new Fabricated([own()], cooperative).assigned([0]).stream(0, 1, 0);
      const error = new ConnectionError('CONNECTION_FAILED', 'lost');
      if (!broken) life.see({ kind: 'event', event: { kind: 'retryScheduled', api: 'JoinGroup', attempt: 1, delay: 50, error, at: 0 } });
      return life.heartbeat('ILLEGAL_GENERATION').delivered(1, 0);
    },
  },
  {
    invariant: 'OWN',
    what: 'a cooperative member commits what it has given up by joining again',
    history: (broken) => {
      const life = new Fabricated([own()], cooperative).assigned([0, 1]).stream(0, 1, 0).at(20_000).assigned([1]);
      if (broken) life.send('JoinGroup');
      life.at(40_000).commits(0);
      return life;
    },
  },
  {
    invariant: 'TERM',
    what: 'a stream errors with what is no matter of its partition',
    history: (broken) =>
      new Fabricated([terminate()])
        .assigned([0])
        .stream(0, 1, 0)
        .see({
          kind: 'errored',
          stream: 1,
          error: broken ? new ConnectionError('CONNECTION_LOST', 'lost') : new BrokerError('LOG_TRUNCATED', 'cut'),
        }),
  },
];

function quiet(life: Fabricated): Fabricated {
  try {
    life.oracle.quiet(0);
  } catch {
    // Asked for later.
  }
  return life;
}
