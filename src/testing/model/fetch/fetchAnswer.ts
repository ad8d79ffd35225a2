import { codeOf, kafkaErrorOf } from '../../../errors/table.ts';
import type { FetchableTopicResponse, FetchResponse, PartitionData } from '../../../protocol/apis/fetch.ts';
import type { FetchRequestAll } from '../../../protocol/apis/fetchAll.ts';
import type { Call } from '../call.ts';
import { BY_NAME } from './asked.ts';
import type { Answered, Told } from './context.ts';
import { currentLeader, endpointsOf, type CurrentLeader } from './currentLeader.ts';

/** The first version that tells where the leader is (KIP-951), and the errors with which it does. */
const LEADERS_SINCE = 16;
const misplaced = new Set(['NOT_LEADER_OR_FOLLOWER', 'FENCED_LEADER_EPOCH']);

/** The answer on the wire. Partitions stand in their order: a topic comes again where another stands between. */
export function answerOf(call: Call<FetchRequestAll>, { error = 'NONE', sessionId, answered }: Told): FetchResponse {
  const leaders = answered.map((each) => leaderFor(call, each));
  const responses: (FetchableTopicResponse & { readonly partitions: PartitionData[] })[] = [];
  answered.forEach(({ asked, data }, i) => {
    const { topic = '', topicId } = asked;
    const told = { ...data, currentLeader: leaders[i]?.leader ?? data.currentLeader };
    const before = responses.at(-1);
    if (before?.topicId === topicId && (topicId !== BY_NAME || before.topic === topic)) before.partitions.push(told);
    else responses.push({ topic, topicId, partitions: [told] });
  });
  return { throttleTimeMs: 0, errorCode: codeOf(error), sessionId, responses, nodeEndpoints: endpointsOf(leaders) };
}

function leaderFor({ cluster, version }: Call<FetchRequestAll>, { asked, data }: Answered): CurrentLeader | undefined {
  if (version < LEADERS_SINCE || !misplaced.has(kafkaErrorOf(data.errorCode).name)) return undefined;
  return currentLeader(cluster, asked.topic ?? '', asked.partition.partition);
}
