import { heartbeatApi } from '../../../../src/protocol/apis/heartbeat.ts';
import { joinGroupApi } from '../../../../src/protocol/apis/joinGroup.ts';
import { leaveGroupApi } from '../../../../src/protocol/apis/leaveGroup.ts';
import { syncGroupApi } from '../../../../src/protocol/apis/syncGroup.ts';
import { Client, nobody } from '../kit/groups.ts';
import type { Conversation, Talk } from '../kit/talk.ts';

/** A group of one member that is stable. */
async function alone(talk: Talk, groupId: string, name = 'A'): Promise<Client> {
  const client = await Client.open(talk, groupId, name);
  await client.join();
  await client.sync([[client, `all for ${name}`]]);
  return client;
}

/** A group of members that are stable; the first leads. */
async function together(talk: Talk, groupId: string, ...names: readonly string[]): Promise<Client[]> {
  const clients: Client[] = [await alone(talk, groupId, names[0])];
  for (const name of names.slice(1)) {
    const newcomer = await Client.open(talk, groupId, name);
    clients.push(newcomer);
    await rebalanced(clients, newcomer);
  }
  return clients;
}

/** The newcomer joins; the others hear of it and join again; the first leads. */
async function rebalanced(clients: readonly Client[], newcomer: Client): Promise<void> {
  const joining = newcomer.join();
  const others = clients.filter((client) => client !== newcomer);
  for (const client of others) await client.hearsOfRebalance();
  await Promise.all([...others.map((client) => client.join({}, 'joins again')), joining]);
  await synced(clients);
}

async function synced(clients: readonly Client[]): Promise<void> {
  const [leader, ...others] = clients;
  const shares = clients.map((client) => [client, `share of ${client.name}`] as const);
  await Promise.all([...others.map((client) => client.sync()), leader?.sync(shares)]);
}

export const oneMember: Conversation = async (talk) => {
  const groupId = talk.named('one');
  const a = await alone(talk, groupId);
  await a.heartbeat();
  await a.sync([], 'syncs again');
  await a.sync([[a, 'something else']], 'hands in another assignment in the same generation');
  await a.heartbeat('beats in the generation before', { ...a.standing, generationId: a.standing.generationId - 1 });
  await a.heartbeat('beats in the generation after', { ...a.standing, generationId: a.standing.generationId + 1 });
  await a.heartbeat('beats in generation -1', { ...a.standing, generationId: -1 });
  await a.heartbeat('beats as somebody unknown', { ...a.standing, memberId: 'nobody' });
  await a.heartbeat('beats as nobody', nobody);
  await a.join({}, 'joins again as the leader that it is');
  await a.heartbeat('beats before it has synced');
  await a.sync([[a, 'all in generation 2']]);
  await a.leave('leaves as somebody unknown', { memberId: 'nobody', generationId: 0 });
  await a.leave();
  await a.heartbeat('beats after it has left');
  await a.leave('leaves again');
  await a.sync([], 'syncs after it has left');
  await a.join({}, 'joins after it has left, with its old member id');
};

export const badJoins: Conversation = async (talk) => {
  const groupId = talk.named('bad');
  const a = await Client.open(talk, groupId, 'A');
  await a.join({ sessionTimeoutMs: 100 }, 'joins with a session of 100 ms');
  await a.join({ sessionTimeoutMs: 100_000_000 }, 'joins with a session of a day and more');
  await a.join({ protocols: [] }, 'joins without protocols');
  await a.join({ protocolType: '' }, 'joins without a protocol type');
  await a.line.ask('A joins a group without a name', joinGroupApi, { ...a.joinRequest(), groupId: '' });
  await a.line.ask('A joins with a member id of its own making', joinGroupApi, a.joinRequest({}, { memberId: 'mine', generationId: -1 }));
  await a.line.ask('A syncs with a group that there is none of', syncGroupApi, a.syncRequest([], { memberId: 'mine', generationId: 1 }));
  await a.line.ask('A syncs with a group without a name', syncGroupApi, { ...a.syncRequest(), groupId: '' });
  await a.heartbeat('beats for a group that there is none of', { memberId: 'mine', generationId: 1 });
  await a.line.ask('A beats for a group without a name', heartbeatApi, {
    groupId: '',
    generationId: 1,
    memberId: 'mine',
    groupInstanceId: null,
  });
  await a.leave('leaves a group that there is none of', { memberId: 'mine', generationId: 1 });
  await a.line.ask('A leaves a group without a name', leaveGroupApi, {
    groupId: '',
    memberId: 'mine',
    members: [{ memberId: 'mine', groupInstanceId: null, reason: null }],
  });
};

export const protocols: Conversation = async (talk) => {
  const groupId = talk.named('protocols');
  const a = await Client.open(talk, groupId, 'A');
  await a.join(
    {
      protocols: [
        ['sticky', 'A sticky'],
        ['range', 'A range'],
      ],
    },
    'joins with sticky and range',
  );
  await a.sync([[a, 'all']], 'syncs with range where it is sticky');
  const { line } = a;
  await line.ask('A syncs with sticky', syncGroupApi, { ...a.syncRequest([[a, 'all']]), protocolName: 'sticky' });
  await line.ask('A syncs with another protocol type', syncGroupApi, {
    ...a.syncRequest(),
    protocolName: 'sticky',
    protocolType: 'connect',
  });
  await line.ask('A syncs with neither', syncGroupApi, { ...a.syncRequest(), protocolName: null, protocolType: null });
  const b = await Client.open(talk, groupId, 'B');
  await b.join({ protocols: [['roundrobin', 'B']] }, 'joins with what A has not');
  await b.join({ protocolType: 'connect' }, 'joins with another protocol type');
  const joining = b.join(
    {
      protocols: [
        ['range', 'B range'],
        ['roundrobin', 'B'],
      ],
    },
    'joins with range and roundrobin',
  );
  await talk.until(
    'A hears of a rebalance',
    () => a.line.quietly(heartbeatApi, { groupId, ...a.standing, groupInstanceId: null }),
    ({ errorCode }) => errorCode !== 0,
  );
  await Promise.all([
    a.join(
      {
        protocols: [
          ['sticky', 'A sticky'],
          ['range', 'A range'],
        ],
      },
      'joins again',
    ),
    joining,
  ]);
  await Promise.all([b.sync(), a.sync([[b, 'all for B']])]);
  // The vote of the majority decides among what all have.
  const c = await Client.open(talk, groupId, 'C');
  const third = c.join(
    {
      protocols: [
        ['roundrobin', 'C roundrobin'],
        ['range', 'C range'],
      ],
    },
    'joins with roundrobin before range',
  );
  await a.hearsOfRebalance();
  await b.hearsOfRebalance();
  await Promise.all([
    a.join(
      {
        protocols: [
          ['range', 'A range'],
          ['roundrobin', 'A roundrobin'],
        ],
      },
      'joins with range before roundrobin',
    ),
    b.join(
      {
        protocols: [
          ['roundrobin', 'B roundrobin'],
          ['range', 'B range'],
        ],
      },
      'joins with roundrobin before range',
    ),
    third,
  ]);
};

export const twoMembers: Conversation = async (talk) => {
  const groupId = talk.named('two');
  const [a, b] = (await together(talk, groupId, 'A', 'B')) as [Client, Client];
  await a.heartbeat();
  await b.heartbeat();
  await b.join({}, 'joins again as a follower, with the same metadata');
  await a.heartbeat('beats after that');
  await b.sync([], 'syncs after that');
  const changing = b.join({ protocols: [['range', 'another of B']] }, 'joins again with other metadata');
  await a.hearsOfRebalance();
  await a.sync([], 'syncs while it should join');
  await Promise.all([a.join({}, 'joins again'), changing]);
  await b.heartbeat('beats before it has synced');
  const waiting = b.sync([], 'syncs before the leader');
  await a.heartbeat('beats before it has synced');
  await Promise.all([a.sync([[a, 'half for A']], 'hands in an assignment without B'), waiting]);
  await b.leave();
  await a.hearsOfRebalance();
  await a.join({}, 'joins again, alone');
  await a.sync([[a, 'all for A']]);
  await a.leave();
};

export const leaderLeaves: Conversation = async (talk) => {
  const groupId = talk.named('leader');
  const [a, b, c] = (await together(talk, groupId, 'A', 'B', 'C')) as [Client, Client, Client];
  await a.leave();
  await b.hearsOfRebalance();
  await c.hearsOfRebalance();
  // Which of them will lead is chance.
  const answers = await Promise.all([b, c].map((client) => client.line.quietly(joinGroupApi, client.joinRequest())));
  const leads = answers.filter(({ leader, memberId }) => leader === memberId);
  talk.note('how many of the two that join again lead, and how many members they are told', [leads.length, leads[0]?.members.length]);
  talk.note(
    'their generations',
    answers.map(({ generationId }) => generationId),
  );
};

export const joinsDuringRebalance: Conversation = async (talk) => {
  const groupId = talk.named('during');
  const [a, b] = (await together(talk, groupId, 'A', 'B')) as [Client, Client];
  const c = await Client.open(talk, groupId, 'C');
  const joining = c.join();
  await a.hearsOfRebalance();
  const again = a.join({}, 'joins again');
  await b.heartbeat('beats while the others join');
  await b.sync([], 'syncs while the others join');
  await Promise.all([b.join({}, 'joins again, the last'), joining, again]);
  // Between join and sync, a newcomer begins the next rebalance.
  const waiting = c.sync([], 'syncs before the leader');
  const d = await Client.open(talk, groupId, 'D');
  const fourth = d.join();
  await b.hearsOfRebalance();
  await waiting;
  await a.sync([[a, 'too late']], 'hands in the assignment of the generation before');
  await Promise.all([...[a, b, c].map((client) => client.join({}, 'joins again')), fourth]);
  await synced([a, b, c, d]);
};

export const leavesDuringRebalance: Conversation = async (talk) => {
  const groupId = talk.named('leaving');
  const [a, b] = (await together(talk, groupId, 'A', 'B')) as [Client, Client];
  const c = await Client.open(talk, groupId, 'C');
  const joining = c.join();
  await a.hearsOfRebalance();
  const again = a.join({}, 'joins again');
  await b.leave('leaves instead of joining again');
  await Promise.all([joining, again]);
  // Who leaves between join and sync.
  const waiting = c.sync([], 'syncs before the leader');
  await a.leave('leaves without having synced');
  await waiting;
  await c.join({}, 'joins again, alone');
  await c.sync([[c, 'all for C']]);
};

export const sessionTimeout: Conversation = async (talk) => {
  const groupId = talk.named('session');
  const a = await Client.open(talk, groupId, 'A');
  await a.join({ sessionTimeoutMs: 1_000 });
  await a.sync([[a, 'all']]);
  const b = await Client.open(talk, groupId, 'B');
  // A says nothing more: the rebalance goes on without it once its session is over.
  await talk.timed('the rebalance took as long as the session of A', 1_000, b.join({ sessionTimeoutMs: 1_000 }));
  await a.heartbeat('beats when its session is over');
  await a.sync([], 'syncs when its session is over');
  await a.commit('commits when its session is over', talk.named('orders'), 1);
  // Whose session ends between join and sync.
  await talk.pause(1_500);
  await b.heartbeat('beats when its session is over');
  await b.join({}, 'joins when its session is over');
};

export const rebalanceTimeout: Conversation = async (talk) => {
  const groupId = talk.named('slow');
  const short = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 1_000 };
  const a = await Client.open(talk, groupId, 'A');
  await a.join(short);
  await a.sync([[a, 'all']]);
  const b = await Client.open(talk, groupId, 'B');
  const joining = talk.timed('the rebalance took the time that A had to join again', 1_000, b.join(short));
  await a.hearsOfRebalance();
  await joining;
  await a.heartbeat('beats, having not joined in time');
  // Whoever joins and does not sync is expelled as well.
  const c = await Client.open(talk, groupId, 'C');
  const third = c.join(short);
  await b.hearsOfRebalance();
  await Promise.all([b.join(short, 'joins again'), third]);
  await talk.timed('a sync without the leader takes that time', 1_000, c.sync([], 'syncs, and the leader does not'));
  await b.heartbeat('beats, having not synced in time');
};

export const manyVersions: Conversation = async (talk) => {
  for (let version = 0; version <= 9; version++) {
    const groupId = talk.named(`v${version}`);
    const a = await Client.open(talk, groupId, 'A');
    await a.join({ version }, 'joins');
    await a.sync([[a, 'all']], 'syncs', Math.min(version, 5));
    await a.heartbeat('beats', a.standing, Math.min(version, 4));
    await a.leave('leaves as somebody unknown', { memberId: 'nobody', generationId: 0 }, Math.min(version, 5));
    await a.leave('leaves', a.standing, Math.min(version, 5));
  }
};
