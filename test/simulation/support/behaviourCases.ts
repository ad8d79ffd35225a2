import { ConnectionError } from '../../../src/errors/index.ts';
import { backoff } from '../../../simulation/oracle/invariants/backoff.ts';
import { deadline } from '../../../simulation/oracle/invariants/deadline.ts';
import { live } from '../../../simulation/oracle/invariants/live.ts';
import { membership } from '../../../simulation/oracle/invariants/membership.ts';
import { memory } from '../../../simulation/oracle/invariants/memory.ts';
import { meta } from '../../../simulation/oracle/invariants/meta.ts';
import { reset } from '../../../simulation/oracle/invariants/reset.ts';
import { stop } from '../../../simulation/oracle/invariants/stop.ts';
import { asMember, Fabricated, groupless, uncommitting } from './fabricated.ts';
import type { Case } from './cases.ts';

export const behaviour: readonly Case[] = [
  {
    invariant: 'LIVE',
    what: 'nobody asks for a partition that has room',
    history: (broken) => {
      const life = new Fabricated([live()], uncommitting).assigned([0]).stream(0, 1, 0);
      life.at(10_000);
      life.fetched(life.fetch([0, 0]), [0, 0, 1]).delivered(1, 0);
      if (!broken) life.fetch([0, 1]);
      return life.at(10_001).at(10_150);
    },
  },
  {
    invariant: 'LIVE',
    what: 'nobody asks for a partition, though all together hold less than they may',
    history: (broken) => {
      const life = new Fabricated([live()], { ...uncommitting, maxBuffered: 1_000 })
        .assigned([0, 1])
        .stream(0, 1, 0)
        .stream(1, 2, 0)
        .at(10_000);
      life.fetched(life.fetch([0, 0], [1, 0]), [0, 0, broken ? 10 : 100], [1, 0, 1]).see({ kind: 'unsubscribed', stream: 1 });
      return life.delivered(2, 0).at(10_001).at(10_150);
    },
  },
  {
    invariant: 'LIVE',
    what: 'a record that is there is not delivered',
    history: (broken) => {
      const life = new Fabricated([live()], uncommitting).assigned([0]).stream(0, 1, 0).at(10_000);
      life.fetched(life.fetch([0, 0]), [0, 0, 1]);
      life.fetch([0, 1]);
      if (!broken) life.delivered(1, 0);
      return life.at(10_001).at(10_050).at(10_100);
    },
  },
  {
    invariant: 'LIVE',
    what: 'nobody looks the position up',
    history: (broken) => {
      const life = new Fabricated([live()], uncommitting)
        .assigned([0])
        .stream(0, 1, 0)
        .at(10_000)
        .see({ kind: 'seek', stream: 1, to: 'earliest' });
      Object.assign(life.views.get(1) ?? {}, { position: undefined });
      if (!broken) life.send('ListOffsets');
      return life.at(10_001).at(10_500).at(10_501);
    },
  },
  {
    invariant: 'LIVE',
    what: 'an ack is never committed',
    history: (broken) => {
      const life = new Fabricated([live()]).assigned([0]).stream(0, 1, 0).see({ kind: 'paused', stream: 1 });
      life.committed(life.commits(0)).at(10_000).delivered(1, 0).acked(1, 0);
      life.fetch([0, 1]);
      life.at(10_001);
      if (!broken) life.committed(life.commits(1));
      return life.at(13_000).at(13_001);
    },
  },
  {
    invariant: 'ISOLATE',
    what: 'a partition stands still when its neighbour fails',
    history: (broken) => {
      const life = new Fabricated([live()], uncommitting).assigned([0, 1]).stream(0, 1, 0).stream(1, 2, 0).at(10_000);
      life.fetched(life.fetch([0, 0], [1, 0]), [0, 'KAFKA_STORAGE_ERROR'], [1, 0, 1]).delivered(2, 0);
      if (!broken) life.fetch([1, 1]);
      return life.at(10_001).at(10_200).at(10_201);
    },
  },
  {
    invariant: 'BACKOFF',
    what: 'an empty answer is followed by the next request at once',
    history: (broken) => {
      const life = new Fabricated([backoff()]).assigned([0]).stream(0, 1, 0);
      life.fetched(life.fetch([0, 0]), [0, 0, 0]).at(broken ? 50 : 100);
      life.fetch([0, 0]);
      return life;
    },
  },
  {
    invariant: 'BACKOFF',
    what: 'an error is followed by the next request at once',
    history: (broken) => {
      const life = new Fabricated([backoff()]).assigned([0]).stream(0, 1, 0);
      life.fetched(life.fetch([0, 0]), [0, 'KAFKA_STORAGE_ERROR']).at(broken ? 79 : 80);
      life.fetch([0, 0]);
      return life;
    },
  },
  {
    invariant: 'BACKOFF',
    what: 'a loop re-enters itself',
    history: (broken) => {
      const life = new Fabricated([backoff()]);
      for (let count = 0; count < (broken ? 101 : 100); count++) life.send('Metadata');
      return life;
    },
  },
  {
    invariant: 'BACKOFF',
    what: 'what fails is tried again and again without a pause',
    history: (broken) => {
      const life = new Fabricated([backoff()]);
      for (let count = 0; count < 20; count++) {
        const id = life.at(count * (broken ? 1 : 80)).send('OffsetFetch');
        life.see({ kind: 'failed', id, broker: 'b1:9092', api: 'OffsetFetch', error: new ConnectionError('CONNECTION_LOST', 'lost') });
      }
      return life;
    },
  },
  {
    invariant: 'BACKOFF',
    what: 'the back-off goes on where it was, though there was an answer',
    history: (broken) => {
      const error = new ConnectionError('CONNECTION_LOST', 'lost');
      const retry = { kind: 'retryScheduled', at: 0, api: 'Fetch', broker: 'b1:9092', delay: 100, error } as const;
      const life = new Fabricated([backoff()])
        .assigned([0])
        .stream(0, 1, 0)
        .see({ kind: 'event', event: { ...retry, attempt: 1 } });
      life.fetched(life.fetch([0, 0]), [0, 0, 1]);
      return life.see({ kind: 'event', event: { ...retry, attempt: broken ? 2 : 1 } });
    },
  },
  {
    invariant: 'DEADLINE',
    what: 'a request is never answered, and nobody gives it up',
    history: (broken) => {
      const life = new Fabricated([deadline()]);
      const id = life.send('Metadata');
      if (!broken)
        life
          .at(1_000)
          .see({ kind: 'failed', id, broker: 'b1:9092', api: 'Metadata', error: new ConnectionError('CONNECTION_LOST', 'lost') });
      return life.at(1_010).at(1_011);
    },
  },
  {
    invariant: 'DEADLINE',
    what: 'connecting takes for ever',
    history: (broken) => {
      const life = new Fabricated([deadline()]).see({ kind: 'connecting', connection: 1, broker: 'b1:9092' });
      if (!broken) life.see({ kind: 'connected', connection: 1, broker: 'b1:9092' });
      return life.at(1_010).at(1_011);
    },
  },
  {
    invariant: 'RESET',
    what: 'a position is reset, and no broker has said that it is out of range',
    history: (broken) => {
      const life = new Fabricated([reset()], groupless).stream(0, 1, 0);
      life.fetched(life.fetch([0, 0]), [0, broken ? 'NOT_LEADER_OR_FOLLOWER' : 'OFFSET_OUT_OF_RANGE']);
      life.hear(life.send('ListOffsets'), 'ListOffsets', {
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, errorCode: 0, offset: 40 }] }],
      });
      return life.positioned(1, 40, 'reset');
    },
  },
  {
    invariant: 'RESET',
    what: 'a position is given up on a time-out',
    history: (broken) => {
      const life = new Fabricated([reset()], groupless).stream(0, 1, 0);
      const id = life.fetch([0, 0]);
      if (broken) life.see({ kind: 'failed', id, broker: 'b1:9092', api: 'Fetch', error: new ConnectionError('CONNECTION_LOST', 'lost') });
      else life.fetched(id, [0, 'OFFSET_OUT_OF_RANGE']);
      Object.assign(life.views.get(1) ?? {}, { position: undefined });
      return life.at(1);
    },
  },
  {
    invariant: 'RESET',
    what: 'it begins somewhere else than was committed',
    history: (broken) => {
      const life = new Fabricated([reset()]).assigned([0]).begins(0, 1).recalled(7);
      return life.positioned(1, broken ? 9 : 7, 'committed');
    },
  },
  {
    invariant: 'RESET',
    what: 'it begins as the options say, and nobody has said that nothing is committed',
    history: (broken) => {
      const life = new Fabricated([reset()]).assigned([0]).begins(0, 1);
      if (!broken) life.recalled(-1);
      return life.positioned(1, 0, 'start');
    },
  },
  {
    invariant: 'META',
    what: 'a leader that moved is not looked for',
    history: (broken) => {
      const life = new Fabricated([meta()]).assigned([0]).stream(0, 1, 0);
      life.fetched(life.fetch([0, 0]), [0, 'NOT_LEADER_OR_FOLLOWER']);
      if (!broken) life.at(100).send('Metadata');
      return life.at(20_000).at(20_001);
    },
  },
  {
    invariant: 'META',
    what: 'a leader that moved was looked for before it was asked',
    history: (broken) => {
      const life = new Fabricated([meta()]).assigned([0]).stream(0, 1, 0);
      if (broken) life.send('Metadata');
      const id = life.fetch([0, 0]);
      if (!broken) life.send('Metadata');
      return life.fetched(id, [0, 'FENCED_LEADER_EPOCH']).at(20_000).at(20_001);
    },
  },
  {
    invariant: 'BACKOFF',
    what: 'a partition of which there is nothing is asked for again at once, and no neighbour is to be proven',
    history: (broken) => {
      const life = new Fabricated([backoff()], uncommitting).assigned([0, 1]).stream(0, 1, 0).stream(1, 2, 0).at(10_000);
      const id = life.fetch([0, 0], [1, 0]);
      if (!broken) life.send('OffsetForLeaderEpoch', { topics: [{ topic: 'orders', partitions: [{ partition: 0 }] }] });
      life.fetched(id, [0, 'NONE'], [1, 'NONE']).fetch([1, 0]);
      return life;
    },
  },
  {
    invariant: 'META',
    what: 'a coordinator that moved is asked again and again',
    history: (broken) => {
      const life = new Fabricated([meta()]).assigned([0]);
      for (let count = 0; count < 8; count++) {
        life.heartbeat('NOT_COORDINATOR');
        if (!broken) life.hear(life.send('FindCoordinator'), 'FindCoordinator', { errorCode: 0, coordinators: [] });
      }
      return life;
    },
  },
  {
    invariant: 'MEMBER',
    what: 'no heartbeat is sent',
    history: (broken) => {
      const life = new Fabricated([membership()]).assigned([0]);
      if (!broken) life.at(3_000).heartbeat();
      return life.at(3_100).at(3_101);
    },
  },
  {
    invariant: 'MEMBER',
    what: 'a rebalance is heard of, and nobody joins again',
    history: (broken) => {
      const life = new Fabricated([membership()]).assigned([0]);
      for (let at = 3_000; at < 70_000; at += 3_000) life.at(at).heartbeat(at === 3_000 ? 'REBALANCE_IN_PROGRESS' : 'NONE');
      if (!broken) life.send('JoinGroup');
      return life.at(70_000).at(70_001);
    },
  },
  {
    invariant: 'STOP',
    what: 'a connection is left when it has ended long ago',
    history: (broken) => {
      const life = new Fabricated([stop()]).see(
        { kind: 'connecting', connection: 1, broker: 'b1:9092' },
        { kind: 'ends', ending: { how: 'unsubscribed' } },
      );
      if (!broken) life.see({ kind: 'disconnected', connection: 1, broker: 'b1:9092' });
      return life.at(12_000).at(12_001);
    },
  },
  {
    invariant: 'STOP',
    what: 'a timer is left at the end',
    history: (broken) => end(new Fabricated([stop(() => (broken ? 1 : 0))]).see({ kind: 'ends', ending: { how: 'unsubscribed' } })),
  },
  {
    invariant: 'STOP',
    what: 'something is sent after it is closed',
    history: (broken) => {
      const life = new Fabricated([stop()]);
      if (broken) life.see({ kind: 'event', event: { kind: 'closed', at: 0, how: 'unsubscribed', unacked: 0, uncommitted: 0 } });
      life.send('Fetch');
      return life;
    },
  },
  {
    invariant: 'MEM',
    what: 'it holds more than it may',
    history: (broken) => {
      const life = new Fabricated([memory()], { ...asMember, maxBuffered: 100 }).assigned([0]).stream(0, 1, 0);
      for (let offset = 0; offset < (broken ? 100 : 10); offset += 10) life.fetched(life.fetch([0, offset]), [0, offset, 10]);
      return life.at(1);
    },
  },
];

function end(life: Fabricated): Fabricated {
  try {
    life.oracle.end();
  } catch {
    // Asked for later.
  }
  return life;
}
