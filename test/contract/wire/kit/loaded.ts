import { codeOf } from '../../../../src/errors/table.ts';
import { findCoordinatorApi } from '../../../../src/protocol/apis/findCoordinator.ts';
import { offsetFetchApi } from '../../../../src/protocol/apis/offsetFetch.ts';
import { Talk, type WireGround } from './talk.ts';

/** Enough names to meet each of the 50 partitions that groups are kept in. */
const names = Array.from({ length: 600 }, (_, index) => `loaded-${index}`);
const unloaded = new Set(['COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE'].map(codeOf));

/** Waits until a broker that has only just come up coordinates groups of any name. */
export async function coordinatorsLoaded(ground: WireGround): Promise<void> {
  const talk = new Talk(ground, { tag: '', began: 0 });
  try {
    const line = await talk.line();
    await talk.until(
      'there is a coordinator',
      () => line.quietly(findCoordinatorApi, { key: '', keyType: 0, coordinatorKeys: names.slice(0, 1) }, 4),
      ({ coordinators: [first] }) => first?.errorCode === 0,
    );
    const groups = names.map((groupId) => ({ groupId, memberId: null, memberEpoch: -1, topics: null }));
    await talk.until(
      'all coordinators have loaded their groups',
      () => line.quietly(offsetFetchApi, { groupId: '', topics: null, groups, requireStable: false }, 8),
      (answer) => answer.groups.every(({ errorCode }) => !unloaded.has(errorCode)),
    );
  } finally {
    talk.close();
  }
}
