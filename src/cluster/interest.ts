import { NO_TOPIC_ID } from '../model/topicPartition.ts';
import type { MetadataResponse } from '../protocol/apis/metadata.ts';

/** Whether a topic is of interest that nobody has named. */
export type Matches = (name: string, internal: boolean) => boolean;

/** The topics to know of. */
export interface Interest {
  readonly names: readonly string[];
  /** With it all topics are asked for, of which these are kept beside the named ones. */
  readonly matches?: Matches | undefined;
}

const UNKNOWN_TOPIC_OR_PARTITION = 3;

export function interestIn(topics: readonly string[] | Interest): Interest {
  return 'names' in topics ? topics : { names: topics };
}

/**
 * An answer about all topics as if only those of interest had been asked for: what is named, or was known and matches, and is not among them is not
 * there. Pure.
 */
export function ofInterest(response: MetadataResponse, { names, matches }: Interest, known: Iterable<string>): MetadataResponse {
  if (matches === undefined) return response;
  const named = new Set(names);
  const kept = response.topics.filter(({ name, isInternal }) => name !== null && (named.has(name) || matches(name, isInternal)));
  const found = new Set(kept.map(({ name }) => name));
  const missed = new Set([...names, ...[...known].filter((name) => matches(name, false))].filter((name) => !found.has(name)));
  return { ...response, topics: [...kept, ...[...missed].map(unknown)] };
}

function unknown(name: string): MetadataResponse['topics'][number] {
  const nothing = { topicId: NO_TOPIC_ID, isInternal: false, partitions: [], topicAuthorizedOperations: 0 };
  return { ...nothing, errorCode: UNKNOWN_TOPIC_OR_PARTITION, name };
}
