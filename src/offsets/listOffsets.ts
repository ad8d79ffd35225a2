import type { IsolationLevel } from '../model/startPosition.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import type {
  ListOffsetsPartition,
  ListOffsetsPartitionResponse,
  ListOffsetsRequest,
  ListOffsetsResponse,
} from '../protocol/apis/listOffsets.ts';
import type { Ask } from './ask.ts';
import { byTopic } from './byTopic.ts';

/** One thing to look up: the first offset at or after a timestamp, or one end of the log. */
export interface Question extends TopicPartition {
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

export function listOffsetsRequest(questions: Iterable<Question>, isolationLevel: IsolationLevel, timeoutMs: number): ListOffsetsRequest {
  return {
    replicaId: -1,
    isolationLevel: isolationLevel === 'read_committed' ? 1 : 0,
    topics: byTopic(questions).map(([name, own]) => ({ name, partitions: own.map(ask) })),
    timeoutMs,
  };
}

function ask({ partition, leaderEpoch, timestamp }: Question): ListOffsetsPartition {
  return { partitionIndex: partition, currentLeaderEpoch: leaderEpoch, timestamp };
}

/** For partitions that are asked about a timestamp. */
export function questionOf({ topic, partition, leaderEpoch, about: timestamp }: Ask): Question {
  return { topic, partition, leaderEpoch, timestamp };
}

/** What was answered for one partition; undefined: nothing. */
export function answerFor(response: ListOffsetsResponse, { topic, partition }: TopicPartition): ListOffsetsPartitionResponse | undefined {
  return response.topics.find(({ name }) => name === topic)?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
}
