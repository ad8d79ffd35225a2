import { ConnectionError } from '../../../src/errors/index.ts';
import { replica } from '../../../simulation/oracle/invariants/replica.ts';
import { session } from '../../../simulation/oracle/invariants/session.ts';
import type { Truth } from '../../../simulation/oracle/truth.ts';
import { asMember, Fabricated, hundred } from './fabricated.ts';
import type { Case } from './cases.ts';

/** Two partitions are read, and the broker has opened session 7 for both. */
function opened(maxBuffered = 1_000, truth: Truth = hundred): Fabricated {
  const life = new Fabricated([session()], { ...asMember, maxBuffered }, truth).assigned([0, 1]).at(1).stream(0, 1, 0).stream(1, 2, 0);
  return life.inSession(life.asks({ id: 0, epoch: 0 }, [0, 0], [1, 0]), 7);
}

/** The follower that is near is named by the leader, 1. */
function named(): Fabricated {
  const life = new Fabricated([replica()], { ...asMember, metadataMaxAge: 5_000 }).toldOf(1).assigned([0]).stream(0, 1, 0);
  return life.says(life.fetch([0, 0]), { preferredReadReplica: 2 });
}

export const fetches: readonly Case[] = [
  {
    invariant: 'SESSION',
    what: 'a partition that was taken away is left in the session',
    history: (broken) => {
      const life = opened().assigned([0], 2).at(10);
      if (broken) life.asks({ id: 7, epoch: 1, news: [] }, [0, 0], [1, 0]);
      else life.asks({ id: 7, epoch: 1, news: [], forgotten: [1] }, [0, 0]);
      return life;
    },
  },
  {
    invariant: 'SESSION',
    what: 'a partition that is paused and full is left in the session',
    history: (broken) => {
      const life = opened(200);
      life.fetched(life.asks({ id: 7, epoch: 1, news: [] }, [0, 0], [1, 0]), [1, 0, 20]).inSession(2, 7);
      if (broken) life.see({ kind: 'paused', stream: 2 });
      life.at(20).inSession(life.asks({ id: 0, epoch: 0 }, [0, 0], [1, 20]), 7);
      return life;
    },
  },
  {
    invariant: 'SESSION',
    what: 'a partition that is paused is asked for again, though its leader did not move while it was fetched',
    history: (broken) => {
      const life = opened(200).toldOf(1);
      const id = life.asks({ id: 7, epoch: 1, news: [] }, [0, 0], [1, 0]);
      if (!broken) life.toldOf(2);
      life.fetched(id, [0, 0, 20]).see({ kind: 'paused', stream: 1 });
      life.at(20).inSession(life.asks({ id: 0, epoch: 0 }, [0, 0], [1, 0]), 7);
      return life;
    },
  },
  {
    invariant: 'SESSION',
    what: 'a partition that is paused and full is asked for, and its log is the one that was read',
    history: (broken) => {
      let epoch = 0;
      const life = opened(200, { ...hundred, epochAt: () => epoch });
      life.fetched(life.asks({ id: 7, epoch: 1, news: [] }, [0, 0], [1, 0]), [1, 0, 20]);
      if (!broken) epoch = 1;
      life
        .see({ kind: 'paused', stream: 2 })
        .at(20)
        .inSession(life.asks({ id: 0, epoch: 0 }, [0, 0], [1, 20]), 7);
      return life;
    },
  },
  {
    invariant: 'SESSION',
    what: 'what has not changed is said again',
    history: (broken) => {
      const life = opened();
      life.asks({ id: 7, epoch: 1, news: broken ? [0, 1] : [1] }, [0, 0], [1, 5]);
      return life;
    },
  },
  {
    invariant: 'SESSION',
    what: 'a session goes on after an answer that did not come',
    history: (broken) => {
      const life = opened();
      const id = life.asks({ id: 7, epoch: 1, news: [] }, [0, 0], [1, 0]);
      life.see({ kind: 'failed', id, broker: 'b1:9092', api: 'Fetch', error: new ConnectionError('CONNECTION_LOST', 'lost') });
      if (broken) life.asks({ id: 7, epoch: 2, news: [] }, [0, 0], [1, 0]);
      else life.asks({ id: 7, epoch: 0 }, [0, 0], [1, 0]);
      return life;
    },
  },
  {
    invariant: 'SESSION',
    what: 'a session goes on with another epoch than the next',
    history: (broken) => {
      const life = opened();
      life.asks({ id: 7, epoch: broken ? 2 : 1, news: [] }, [0, 0], [1, 0]);
      return life;
    },
  },
  {
    invariant: 'META',
    what: 'records are asked of a broker that neither leads nor was named',
    history: (broken) => {
      const life = broken ? new Fabricated([replica()]).toldOf(1).assigned([0]).stream(0, 1, 0) : named();
      life.of('b2').fetch([0, 0]);
      return life;
    },
  },
  {
    invariant: 'META',
    what: 'a follower is asked again after it failed',
    history: (broken) => {
      const life = named().of('b2');
      life.fetched(life.fetch([0, 0]), broken ? [0, 'KAFKA_STORAGE_ERROR'] : [0, 0, 1]).fetch([0, 1]);
      return life;
    },
  },
  {
    invariant: 'META',
    what: 'a follower is read for longer than it was named for',
    history: (broken) => {
      const life = named()
        .at(broken ? 5_100 : 4_900)
        .of('b2');
      life.fetch([0, 0]);
      return life;
    },
  },
];
