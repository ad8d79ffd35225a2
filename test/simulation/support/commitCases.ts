import type { ConsumerOptions } from '../../../src/options.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { commit } from '../../../simulation/oracle/invariants/commit.ts';
import { Fabricated, hundred } from './fabricated.ts';
import type { Case } from './cases.ts';

export const commits: readonly Case[] = [
  {
    invariant: 'COMMIT',
    what: 'the position is committed, and not what may be',
    history: (broken) => {
      const life = new Fabricated([commit()]).assigned([0]).stream(0, 1, 0).delivered(1, 0, 1, 2).acked(1, 0).at(5_000);
      life.commits(broken ? 3 : 1);
      return life;
    },
  },
  {
    invariant: 'COMMIT',
    what: 'a commit is lower than the one before',
    history: (broken) => {
      const life = new Fabricated([commit()]).assigned([0]).stream(0, 1, 0).delivered(1, 0, 1, 2).acked(1, 0).acked(1, 1).at(5_000);
      life.committed(life.commits(2));
      life.commits(broken ? 1 : 2);
      return life;
    },
  },
  {
    invariant: 'COMMIT',
    what: 'an ack of before a seek is committed',
    history: (broken) => {
      const life = new Fabricated([commit()])
        .assigned([0])
        .stream(0, 1, 0)
        .delivered(1, 0, 1)
        .see({ kind: 'seek', stream: 1, to: 'earliest' });
      life.positioned(1, 0, 'seek').at(5_000).acked(1, 1, 0);
      life.commits(broken ? 2 : 0);
      return life;
    },
  },
  {
    invariant: 'COMMIT',
    what: 'at most once, a record is delivered before it is committed',
    history: (broken) => {
      const life = new Fabricated([commit()], { groupId: 'g', topics: ['orders'], delivery: 'at-most-once' }).assigned([0]).stream(0, 1, 0);
      return life.committed(life.commits(1)).delivered(1, 0, ...(broken ? [1] : []));
    },
  },
  {
    invariant: 'COMMIT',
    what: 'a partition is given away, and what was acked of it is not committed',
    history: (broken) => {
      let committed = 0;
      const life = new Fabricated([commit()], undefined, { ...hundred, committed: () => committed }).assigned([0]).stream(0, 1, 0);
      life.delivered(1, 0, 1).acked(1, 0).acked(1, 1).at(100).heartbeat('REBALANCE_IN_PROGRESS');
      if (!broken) {
        committed = 2;
        life.committed(life.commits(2));
      }
      life.see({ kind: 'completed', stream: 1 }).send('JoinGroup');
      return life;
    },
  },
  {
    invariant: 'COMMIT',
    what: 'at most once, what was committed and not delivered stays so when the partition is given away',
    history: (broken) => {
      let committed = 10;
      const truth = { ...hundred, committed: () => committed };
      const options: ConsumerOptions = { groupId: 'g', topics: ['orders'], assignors: [range], delivery: 'at-most-once' };
      const life = new Fabricated([commit()], options, truth).assigned([0]).stream(0, 1, 0);
      life.committed(life.commits(10));
      life.delivered(1, 0, 1, 2).at(100).heartbeat('REBALANCE_IN_PROGRESS');
      if (!broken) {
        committed = 3;
        life.committed(life.commits(3));
      }
      life.send('JoinGroup');
      return life;
    },
  },
];
