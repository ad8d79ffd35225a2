import { codeOf } from '../../../errors/table.ts';
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitRequestPartition,
  TxnOffsetCommitResponse,
  TxnOffsetCommitResponsePartition,
} from '../../../protocol/apis/txnOffsetCommit.ts';
import type { Call, Service } from '../call.ts';
import { MAX_METADATA } from '../group/offsets.ts';
import { now } from '../reply.ts';
import { admissionOf, admit } from './admission.ts';
import { misplaced } from './answers.ts';

/** The versions that add the group to the transaction, and that know TRANSACTION_ABORTABLE. */
const VERSIONS = [5, 4] as const;

/** Partitions that do not exist are told apart, and first; for the others it is all or nothing, but for metadata that is too long. */
export const txnOffsetCommit: Service<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = (call) => {
  const asked = call.request.topics.flatMap(({ name, partitions }) => partitions.map((partition): Asked => ({ topic: name, partition })));
  const wrong = asked.map((one) => wrongWith(one, call));
  const whole = wrong.includes(undefined) ? errorOf(call) : undefined;
  const answers = new Map<string, TxnOffsetCommitResponsePartition[]>();
  const answer = ({ topic, partition: { partitionIndex } }: Asked, error: string): void => {
    const answered = answers.get(topic) ?? [];
    answers.set(topic, [...answered, { partitionIndex, errorCode: codeOf(error) }]);
  };
  for (const [i, one] of asked.entries()) if (wrong[i] !== undefined) answer(one, wrong[i]);
  for (const [i, one] of asked.entries()) if (wrong[i] === undefined) answer(one, whole ?? commit(one, call));
  return now({ throttleTimeMs: 0, topics: [...answers].map(([name, partitions]) => ({ name, partitions })) });
};

interface Asked {
  readonly topic: string;
  readonly partition: TxnOffsetCommitRequestPartition;
}

function wrongWith({ topic, partition: { partitionIndex } }: Asked, { cluster, refusal }: Call<unknown>): string | undefined {
  const refused = refusal() ?? refusal(topic, partitionIndex);
  return refused ?? (cluster.find(topic, partitionIndex) === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : undefined);
}

function commit({ topic, partition }: Asked, { cluster, request: { groupId, producerId } }: Call<TxnOffsetCommitRequest>): string {
  const { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata } = partition;
  if ((committedMetadata?.length ?? 0) > MAX_METADATA) return 'OFFSET_METADATA_TOO_LARGE';
  const staged = { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata: committedMetadata };
  cluster.groups.stageTxnOffsets(groupId, producerId, [{ topic, partition: partitionIndex, ...staged }]);
  return 'NONE';
}

/** What keeps the producer from committing for this group at all: first its transaction is asked, then the group. */
function errorOf({ cluster, node, version, request, now: at }: Call<TxnOffsetCommitRequest>): string | undefined {
  const { transactionalId, groupId, producerId, producerEpoch, memberId, generationId, groupInstanceId } = request;
  if (groupId === '') return 'INVALID_GROUP_ID';
  const elsewhere = misplaced(cluster, node);
  if (elsewhere !== undefined) return elsewhere;
  const claim = { id: producerId, epoch: producerEpoch };
  const write = { transactionalId, claim, place: { kind: 'group', groupId }, now: at } as const;
  const error = admit(cluster.transactions, write, admissionOf(version, VERSIONS));
  // Only newer clients try again by themselves what another transaction still holds up.
  if (error !== undefined) return error === 'CONCURRENT_TRANSACTIONS' && version < 5 ? 'COORDINATOR_NOT_AVAILABLE' : error;
  return cluster.groups.fencing(groupId, memberId, generationId, groupInstanceId);
}
