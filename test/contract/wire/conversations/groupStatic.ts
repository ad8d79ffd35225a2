import { leaveGroupApi, type MemberIdentity } from '../../../../src/protocol/apis/leaveGroup.ts';
import { Client } from '../kit/groups.ts';
import type { Conversation, Talk } from '../kit/talk.ts';

async function two(talk: Talk, groupId: string): Promise<readonly [Client, Client]> {
  const short = { rebalanceTimeoutMs: 1_000 };
  const a = await Client.open(talk, groupId, 'A', 'instance a');
  await a.join(short);
  await a.sync([[a, 'all']]);
  const b = await Client.open(talk, groupId, 'B', 'instance b');
  const joining = b.join(short);
  await a.hearsOfRebalance();
  await Promise.all([a.join(short, 'joins again'), joining]);
  await Promise.all([
    b.sync(),
    a.sync([
      [a, 'half of A'],
      [b, 'half of B'],
    ]),
  ]);
  return [a, b];
}

export const followerRestarts: Conversation = async (talk) => {
  const groupId = talk.named('static');
  const [a, b] = await two(talk, groupId);
  const again = await Client.open(talk, groupId, 'B restarted', 'instance b');
  await again.join({ protocols: [['range', 'of B']] });
  await again.sync();
  await a.heartbeat();
  await b.heartbeat('beats with its old member id');
  await b.sync([], 'syncs with its old member id');
  await b.commit('commits with its old member id', talk.named('orders'), 1);
  await b.join({}, 'joins with its old member id');
  await b.leave('leaves with its old member id');
  await again.heartbeat();
  await again.heartbeat('beats as an instance unknown', { ...again.standing, memberId: a.standing.memberId });
};

export const followerRestartsChanged: Conversation = async (talk) => {
  const groupId = talk.named('changed');
  const both = {
    protocols: [
      ['range', 'A or B'],
      ['roundrobin', 'A or B'],
    ],
  } as const;
  const a = await Client.open(talk, groupId, 'A', 'instance a');
  await a.join(both);
  await a.sync([[a, 'all']]);
  const b = await Client.open(talk, groupId, 'B', 'instance b');
  const joining = b.join(both);
  await a.hearsOfRebalance();
  await Promise.all([a.join(both, 'joins again'), joining]);
  await Promise.all([
    b.sync(),
    a.sync([
      [a, 'half of A'],
      [b, 'half of B'],
    ]),
  ]);
  const again = await Client.open(talk, groupId, 'B restarted', 'instance b');
  await again.join(
    {
      protocols: [
        ['range', 'something new'],
        ['roundrobin', 'A or B'],
      ],
    },
    'joins with other metadata',
  );
  await a.heartbeat();
  const other = await Client.open(talk, groupId, 'B restarted again', 'instance b');
  const changing = other.join({ protocols: [['roundrobin', 'A or B']] }, 'joins with one protocol only');
  await a.hearsOfRebalance();
  await Promise.all([a.join(both, 'joins again'), changing]);
};

export const leaderRestarts: Conversation = async (talk) => {
  for (const version of [5, 8, 9]) {
    const groupId = talk.named(`restart${version}`);
    const [a, b] = await two(talk, groupId);
    const again = await Client.open(talk, groupId, 'A restarted', 'instance a');
    await again.join({ protocols: [['range', 'of A']], version });
    await again.sync([], 'syncs');
    await a.heartbeat('beats with its old member id');
    await b.heartbeat();
  }
};

export const staticLeaves: Conversation = async (talk) => {
  const groupId = talk.named('leave');
  const [a, b] = await two(talk, groupId);
  const leaving = (memberId: string, groupInstanceId: string | null): MemberIdentity => ({ memberId, groupInstanceId, reason: null });
  const members = [leaving('', 'instance unknown'), leaving('nobody', null), leaving(a.standing.memberId, 'instance b')];
  await a.line.ask('three leave that cannot', leaveGroupApi, { groupId, memberId: '', members });
  await a.heartbeat();
  await a.line.ask('B leaves by its instance id', leaveGroupApi, { groupId, memberId: '', members: [leaving('', 'instance b')] });
  await b.heartbeat('beats after that');
  await a.hearsOfRebalance();
  await a.join({}, 'joins again');
  await a.sync([[a, 'all']]);
};

export const staticSessionEnds: Conversation = async (talk) => {
  const groupId = talk.named('expired');
  const a = await Client.open(talk, groupId, 'A', 'instance a');
  await a.join({ sessionTimeoutMs: 1_000 });
  await a.sync([[a, 'all']]);
  await talk.pause(1_500);
  await a.heartbeat('beats when its session is over');
  await a.join({}, 'joins with its old member id');
  const again = await Client.open(talk, groupId, 'A restarted', 'instance a');
  await again.join();
};

export const staticBetweenJoinAndSync: Conversation = async (talk) => {
  const groupId = talk.named('between');
  const [a, b] = await two(talk, groupId);
  const changed = { protocols: [['range', 'another of B']], rebalanceTimeoutMs: 1_000 } as const;
  const joining = b.join(changed, 'joins with other metadata');
  await a.hearsOfRebalance();
  // B is replaced while its join waits.
  const again = await Client.open(talk, groupId, 'B restarted', 'instance b');
  const replacing = again.join(changed);
  await joining;
  await Promise.all([a.join({ rebalanceTimeoutMs: 1_000 }, 'joins again'), replacing]);
  const waiting = again.sync([], 'syncs before the leader');
  // B is replaced while its sync waits. A does not join again, and is not expelled: it is static.
  const third = await Client.open(talk, groupId, 'B restarted again', 'instance b');
  await talk.timed('the rebalance took the time that A had to join again', 1_000, third.join(changed));
  await waiting;
  await a.heartbeat('beats, having not joined in time');
};
