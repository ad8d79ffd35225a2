import { codeOf } from '../../../errors/table.ts';
import type { PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceResponse } from '../../../protocol/apis/produce.ts';
import type { BatchView } from '../../../protocol/recordBatch.ts';
import type { Call, Service } from '../call.ts';
import { now } from '../reply.ts';
import type { Partition } from '../topic.ts';
import { admissionOf, admit } from '../transaction/admission.ts';
import { currentLeader, endpointsOf, type CurrentLeader } from './currentLeader.ts';
import { flawOf, hasTransactional, producedBatch } from './producedBatch.ts';
import { answering } from './replica.ts';

/** The first version in which topics go by their ids. */
const IDS_SINCE = 13;
/** The error with which versions that have it tell where the leader is (KIP-951). */
const MISPLACED = 'NOT_LEADER_OR_FOLLOWER';
/** From which versions on a batch adds its partition to the transaction, or at least is told in so many words that it should have (KIP-890). */
const ADMITTED_SINCE = [12, 11] as const;
/** Errors that are told without the start of the log. */
const bare = new Set(['MESSAGE_TOO_LARGE', 'CORRUPT_MESSAGE']);

/** What becomes of a batch. */
interface Done {
  readonly error?: string;
  readonly baseOffset?: number;
  readonly logAppendTimeMs?: number;
  readonly logStartOffset?: number;
}

/** Appends a batch to each partition. Without acks nothing is answered; an error then closes the connection, since it can be told in no other way. */
export const produce: Service<ProduceRequest, ProduceResponse | undefined> = (call) => {
  const { request, version, cluster } = call;
  const whole = call.refusal() ?? wrongRequest(request);
  const leaders: (CurrentLeader | undefined)[] = [];
  const responses = new Map<string, TopicProduceResponse & { readonly partitionResponses: PartitionProduceResponse[] }>();
  for (const { name, topicId, partitionData } of request.topicData) {
    const topic = version < IDS_SINCE ? name : cluster.findById(topicId)?.name;
    const answer = responses.get(name + topicId) ?? { name, topicId, partitionResponses: [] };
    responses.set(name + topicId, answer);
    for (const { index, records } of partitionData) {
      const refusal = whole ?? call.refusal(topic, index) ?? (topic === undefined ? 'UNKNOWN_TOPIC_ID' : undefined);
      const done = refusal === undefined ? append(call, topic ?? '', index, records) : { error: refusal };
      const leader = done.error === MISPLACED ? currentLeader(cluster, topic ?? '', index) : undefined;
      leaders.push(leader);
      answer.partitionResponses.push(answered(index, done, leader));
    }
  }
  const all = [...responses.values()];
  if (request.acks !== 0) return now({ responses: all, throttleTimeMs: 0, nodeEndpoints: endpointsOf(leaders) });
  const failed = all.some(({ partitionResponses }) => partitionResponses.some(({ errorCode }) => errorCode !== 0));
  return failed ? { kind: 'close' } : now(undefined);
};

function append(call: Call<ProduceRequest>, topic: string, index: number, records: Buffer | null): Done {
  const { cluster, node, version } = call;
  const partition = cluster.find(topic, index);
  if (partition === undefined) return { error: 'UNKNOWN_TOPIC_OR_PARTITION' };
  const batch = producedBatch(records, version);
  if (typeof batch === 'string') return { error: batch };
  const unexpected = wrongTransaction(call, partition, batch);
  if (unexpected !== undefined) return { error: unexpected };
  if (partition.topic.isInternal) return { error: 'INVALID_TOPIC_EXCEPTION' };
  const replica = answering(cluster, node, topic, index, { currentLeaderEpoch: -1, onlyLeader: true });
  if (typeof replica === 'string') return { error: replica };
  return written(call, replica.partition, batch, records ?? Buffer.alloc(0));
}

function written({ cluster }: Call<ProduceRequest>, { log, leaderEpoch }: Partition, batch: BatchView, bytes: Buffer): Done {
  const refused = (error: string): Done => (bare.has(error) ? { error } : { error, logStartOffset: log.start });
  const flaw = flawOf(batch);
  if (flaw !== undefined) return refused(flaw);
  const admission = log.admits(batch);
  if (admission.kind === 'refuse') return refused(admission.error);
  // What is there already is told with its own time.
  if (admission.kind === 'duplicate') {
    return { baseOffset: admission.base, logAppendTimeMs: admission.timestamp, logStartOffset: log.start };
  }
  const baseOffset = log.appendBatch(bytes.subarray(0, batch.sizeInBytes), leaderEpoch);
  cluster.changed();
  return { baseOffset, logStartOffset: log.start };
}

/** A batch of a transaction has to be expected by the coordinator. */
function wrongTransaction(
  { cluster, version, request, now: at }: Call<ProduceRequest>,
  partition: Partition,
  batch: BatchView,
): string | undefined {
  const { transactionalId } = request;
  const { producerId, producerEpoch, isTransactional } = batch;
  if (!isTransactional || transactionalId === null) return undefined;
  const claim = { id: producerId, epoch: producerEpoch };
  const place = { kind: 'partition', topic: partition.topic.name, partition: partition.index } as const;
  return admit(cluster.transactions, { transactionalId, claim, place, now: at }, admissionOf(version, ADMITTED_SINCE));
}

function wrongRequest({ acks, transactionalId, topicData }: ProduceRequest): string | undefined {
  if (![-1, 0, 1].includes(acks)) return 'INVALID_REQUIRED_ACKS';
  const isTransactional = topicData.some(({ partitionData }) => partitionData.some(({ records }) => hasTransactional(records)));
  return isTransactional && transactionalId === null ? 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED' : undefined;
}

function answered(index: number, { error = 'NONE', ...done }: Done, leader: CurrentLeader | undefined): PartitionProduceResponse {
  return {
    index,
    errorCode: codeOf(error),
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    recordErrors: [],
    errorMessage: null,
    currentLeader: leader?.leader ?? { leaderId: -1, leaderEpoch: -1 },
    ...done,
  };
}
