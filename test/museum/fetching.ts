import { filter, from, mergeMap, type Observable } from 'rxjs';
import { kafkaErrorOf } from '../../src/errors/table.ts';
import type { FetchResponse, PartitionData } from '../../src/protocol/apis/fetch.ts';
import type { FetchRequestAll } from '../../src/protocol/apis/fetchAll.ts';
import { splitBatches } from '../../src/protocol/splitBatches.ts';
import type { Traffic } from '../../src/testing/traffic.ts';
import type { ScriptedCluster } from '../support/scripted/index.ts';

/**
 * The fetching of each partition, in lines: `fetch orders/0@100`, `answer orders/0: 100..109`, `answer orders/0: NOT_LEADER_OR_FOLLOWER`; with
 * several brokers, `… at b2`. What tells nothing new is left out: an answer without records or error, and a request for the same offset after
 * that. So it is the same with fetch sessions and without.
 */
export function fetching(cluster: ScriptedCluster): Observable<string> {
  const last = new Map<string, string>();
  const told = (key: string, line: string): readonly string[] => {
    const known = last.get(key) === line;
    last.set(key, line);
    return known ? [] : [line];
  };
  return cluster.traffic.pipe(
    filter(({ api, kind }) => api === 'Fetch' && (kind === 'request' || kind === 'answer')),
    mergeMap((traffic) => {
      const where = cluster.model.brokers.size > 1 ? ` at b${traffic.node}` : '';
      return from(
        traffic.kind === 'request'
          ? asked(cluster, traffic).flatMap(({ key, offset }) => told(key, `fetch ${key}@${offset}${where}`))
          : answered(cluster, traffic).flatMap(({ key, words }) => told(key, `answer ${key}: ${words}${where}`)),
      );
    }),
  );
}

/** Which partitions a Fetch names, and from where on. */
export function asked(
  cluster: ScriptedCluster,
  { message }: Pick<Traffic, 'message'>,
): readonly { readonly key: string; readonly offset: number }[] {
  const { topics } = message as FetchRequestAll;
  return topics.flatMap((topic) =>
    topic.partitions.map(({ partition, fetchOffset }) => ({ key: `${nameOf(cluster, topic)}/${partition}`, offset: fetchOffset })),
  );
}

function answered(cluster: ScriptedCluster, { message }: Traffic): readonly { readonly key: string; readonly words: string }[] {
  const { errorCode, responses } = message as FetchResponse;
  if (errorCode !== 0) return [{ key: 'Fetch', words: kafkaErrorOf(errorCode).name }];
  return responses.flatMap((topic) =>
    topic.partitions.flatMap((data) => {
      const words = wordsOf(data);
      return words === undefined ? [] : [{ key: `${nameOf(cluster, topic)}/${data.partitionIndex}`, words }];
    }),
  );
}

function wordsOf({ errorCode, records, preferredReadReplica, divergingEpoch }: PartitionData): string | undefined {
  if (errorCode !== 0) return kafkaErrorOf(errorCode).name;
  if (preferredReadReplica >= 0) return `read from b${preferredReadReplica}`;
  if (divergingEpoch.endOffset >= 0) return `diverges at ${divergingEpoch.endOffset}`;
  const { batches } = splitBatches(records ?? Buffer.alloc(0));
  const [first, final] = [batches[0], batches.at(-1)];
  return first === undefined || final === undefined ? undefined : `${first.baseOffset}..${final.lastOffset}`;
}

/** By its name, or since version 13 by its id. */
export function nameOf({ model }: ScriptedCluster, { topic, topicId }: { readonly topic: string; readonly topicId: string }): string {
  return topic === '' ? (model.findById(topicId)?.name ?? topicId) : topic;
}
