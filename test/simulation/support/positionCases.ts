import { BrokerError } from '../../../src/errors/index.ts';
import { commit } from '../../../simulation/oracle/invariants/commit.ts';
import { noLoss } from '../../../simulation/oracle/invariants/noLoss.ts';
import { once } from '../../../simulation/oracle/invariants/once.ts';
import { reset } from '../../../simulation/oracle/invariants/reset.ts';
import { truncation } from '../../../simulation/oracle/invariants/truncation.ts';
import type { Rule } from '../../../simulation/oracle/rule.ts';
import type { Truth } from '../../../simulation/oracle/truth.ts';
import { asMember, Fabricated, groupless, hundred } from './fabricated.ts';
import type { Case } from './cases.ts';

/** Five records of epoch 0 are delivered, the first `acked` acked; then a leader says that its log has that epoch up to `parts`. */
function cut(parts: number | undefined, acked = 5): Fabricated {
  const life = new Fabricated([truncation()]).assigned([0]).stream(0, 1, 0);
  life.fetched(life.fetch([0, 0]), [0, 0, 5]).deliveredOf(0, 1, 0, 1, 2, 3, 4);
  for (let offset = 0; offset < acked; offset++) life.acked(1, offset);
  return life.says(life.fetch([0, 5]), parts === undefined ? {} : { divergingEpoch: { epoch: 0, endOffset: parts } });
}

/** A broker that is not the leader, or one that has not heard of that epoch, says that the position is out of range. */
function outOfRange(broker: string, leaderEpoch: number, lastFetchedEpoch: number, rule: Rule = reset()): Fabricated {
  const life = new Fabricated([rule], groupless).stream(0, 1, 0).of(broker);
  const partitions = [{ partition: 0, fetchOffset: 0, currentLeaderEpoch: leaderEpoch, lastFetchedEpoch }];
  const id = life.send('Fetch', { maxWaitMs: 500, isolationLevel: 1, topics: [{ topic: 'orders', partitions }] });
  life.says(id, { errorCode: 1 });
  life.hear(life.send('ListOffsets'), 'ListOffsets', {
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, errorCode: 0, offset: 40 }] }],
  });
  return life.positioned(1, 40, 'reset');
}

/** Offset 0 is all that there is, and is of the second epoch: the log was cut. It is committed. */
const again: Truth = {
  ...hundred,
  epochAt: () => 1,
  committed: (_group, _topic, partition) => (partition === 0 ? 1 : undefined),
  committedEpoch: () => 1,
};

export const positions: readonly Case[] = [
  {
    invariant: 'RESET',
    what: 'a position goes back as if the log had been cut, and no leader has said so',
    history: (broken) => cut(broken ? undefined : 3).positioned(1, 3, 'truncated', 5),
  },
  {
    invariant: 'RESET',
    what: 'a follower that lags behind is believed that the log was cut',
    history: (broken) => {
      const life = new Fabricated([truncation()]).assigned([0]).stream(0, 1, 0).deliveredOf(0, 1, 0, 1).acked(1, 0).acked(1, 1);
      life.of(broken ? 'b2' : 'b1').says(life.fetch([0, 2]), { divergingEpoch: { epoch: 0, endOffset: 1 } });
      return life.positioned(1, 1, 'truncated', 2);
    },
  },
  {
    invariant: 'RESET',
    what: 'behind a cut it goes on past what is new in the log',
    history: (broken) => cut(3).positioned(1, broken ? 4 : 3, 'truncated', 5),
  },
  {
    invariant: 'RESET',
    what: 'behind a cut it goes on past a record that is not acked',
    history: (broken) => cut(3, 2).positioned(1, broken ? 3 : 2, 'truncated', 5),
  },
  {
    invariant: 'RESET',
    what: 'a stream fails as truncated, and no leader has said so',
    history: (broken) => {
      const error = new BrokerError('LOG_TRUNCATED', 'cut', { topic: 'orders', partition: 0 });
      return cut(broken ? undefined : 3).see({ kind: 'errored', stream: 1, error });
    },
  },
  {
    invariant: 'EPOCH',
    what: 'a record of the lost log is delivered when it is known that it is lost',
    history: (broken) =>
      cut(3)
        .positioned(1, 3, 'truncated', 5)
        .deliveredOf(broken ? 0 : 1, 1, 3),
  },
  {
    invariant: 'RESET',
    what: 'a follower is believed that the position is out of range',
    history: (broken) => outOfRange(broken ? 'b2' : 'b1', 0, 0),
  },
  {
    invariant: 'RESET',
    what: 'a leader that has not heard of the epoch of the last record is believed at once',
    history: (broken) => outOfRange('b1', 1, broken ? 2 : 1),
  },
  {
    invariant: 'NOLOSS',
    what: 'what was written at an offset that was given out again is passed over in silence',
    history: (broken) => {
      const life = new Fabricated([noLoss()], asMember, again).assigned([0]).stream(0, 1, 0);
      life.deliveredOf(broken ? 0 : 1, 1, 0).acked(1, 0);
      return quiet(life);
    },
  },
  {
    invariant: 'NOLOSS',
    what: 'a log is cut behind a reader that knows of which epoch its records are, and it goes on in the new one',
    history: (broken) => {
      const life = new Fabricated([noLoss()], asMember, again).assigned([0]).begins(0, 1).positioned(1, 1, 'committed');
      if (broken) life.fetched(life.fetch([0, 1]), [0, 1, 1]);
      life.oracle.cut('orders', 0, 0);
      return quiet(life);
    },
  },
  {
    invariant: 'NOLOSS',
    what: 'what a log has anew where it was cut is passed over, though its user did not go elsewhere before that was told',
    history: (broken) => {
      const life = new Fabricated([noLoss()], asMember, again).assigned([0]).stream(0, 1, 0);
      life
        .fetched(life.fetch([0, 0]), [0, 0, 1])
        .deliveredOf(0, 1, 0)
        .acked(1, 0);
      life.oracle.cut('orders', 0, 0);
      life.send('ListOffsets');
      return quiet(life.positioned(1, 1, broken ? 'committed' : 'seek', 1));
    },
  },
  {
    invariant: 'COMMIT',
    what: 'a partition is given away, and what was acked is not committed, though its topic is still the same',
    history: (broken) => {
      let topicId = 'a';
      const life = new Fabricated([commit()], asMember, { ...hundred, topicId: () => topicId })
        .toldOf(1, 'a')
        .assigned([0])
        .stream(0, 1, 0);
      life.delivered(1, 0).acked(1, 0).at(100).heartbeat('REBALANCE_IN_PROGRESS');
      if (!broken) topicId = 'b';
      life.see({ kind: 'completed', stream: 1 }).send('JoinGroup');
      return life;
    },
  },
  {
    invariant: 'COMMIT',
    what: 'behind a cut that was below what was delivered, an ack of before it is committed',
    history: (broken) => {
      const life = new Fabricated([commit()]).assigned([0]).stream(0, 1, 0);
      life
        .fetched(life.fetch([0, 0]), [0, 0, 5])
        .deliveredOf(0, 1, 0, 1)
        .see({ kind: 'unsubscribed', stream: 1 });
      Object.assign(life.views.get(1) ?? {}, { position: 0 });
      life.see({ kind: 'subscribed', stream: 1 }).says(life.fetch([0, 5]), { divergingEpoch: { epoch: 0, endOffset: 0 } });
      life
        .positioned(1, 0, 'truncated', 0)
        .at(5_000)
        .deliveredOf(1, 1, 0, 1)
        .acked(1, 0, broken ? 0 : 1);
      life.commits(1);
      return life;
    },
  },
  {
    invariant: 'ONCE',
    what: 'at most once, a record is delivered again that the log has had all the time',
    history: (broken) =>
      new Fabricated([once()], { groupId: 'g', topics: ['orders'], delivery: 'at-most-once' })
        .assigned([0])
        .stream(0, 1, 0)
        .deliveredOf(0, 1, 0, 1)
        .positioned(1, 1, 'truncated', 2)
        .deliveredOf(broken ? 0 : 1, 1, 1),
  },
  {
    invariant: 'COMMIT',
    what: 'an offset of a topic that is gone is committed for another one of its name',
    history: (broken) => {
      let topicId = 'a';
      const truth: Truth = { ...hundred, topicId: () => topicId, committed: () => (broken ? 2 : undefined) };
      const life = new Fabricated([commit()], asMember, truth).toldOf(1, 'a').assigned([0]).stream(0, 1, 0);
      life.delivered(1, 0, 1).acked(1, 0).acked(1, 1);
      const id = life.commits(2);
      topicId = 'b';
      return life.committed(id);
    },
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
