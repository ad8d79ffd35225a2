import { findCoordinatorApi } from '../../../../src/protocol/apis/findCoordinator.ts';
import { initProducerIdApi } from '../../../../src/protocol/apis/forTesting.ts';
import type { Desk } from './desk.ts';
import type { Talk } from './talk.ts';

/** Waits until somebody coordinates transactions and has producer ids to give. Resolves with a desk there. */
export async function findTransactions(talk: Talk, desk: Desk): Promise<Desk> {
  const key = talk.named('any');
  const { coordinators } = await talk.until(
    'transactions have a coordinator',
    () => desk.line.quietly(findCoordinatorApi, { key, keyType: 1, coordinatorKeys: [key] }, 4),
    ({ coordinators: [first] }) => first?.errorCode === 0,
  );
  const there = await desk.at(coordinators[0]);
  for (const transactionalId of [key, null])
    await talk.until(
      'it gives producer ids',
      () => there.line.quietly(initProducerIdApi, { transactionalId, transactionTimeoutMs: 1_000, producerId: -1, producerEpoch: -1 }),
      ({ errorCode }) => errorCode === 0,
    );
  return there;
}
