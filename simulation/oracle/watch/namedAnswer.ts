interface Topic {
  readonly name: string;
  readonly topicId: string;
}

/** The topics of a message, and those of its groups. */
interface Topics {
  readonly topics?: readonly Topic[] | null;
  readonly groups?: readonly Topics[];
}

/** The APIs that may go by topic ids and whose requests say the names as well. */
const BY_IDS: ReadonlySet<string> = new Set(['OffsetCommit', 'OffsetFetch']);

/** An answer under the names of its topics, where it goes by their ids: as the request had them. */
export function namedAnswer(api: string, request: unknown, response: unknown): unknown {
  if (!BY_IDS.has(api)) return response;
  const names = new Map(topicsOf(request as Topics).map(({ topicId, name }) => [topicId, name]));
  return named(response as Topics, names);
}

function topicsOf({ topics, groups = [] }: Topics): readonly Topic[] {
  return [...(topics ?? []), ...groups.flatMap(topicsOf)];
}

function named<T extends Topics>(message: T, names: ReadonlyMap<string, string>): T {
  const { topics, groups } = message;
  return {
    ...message,
    ...(topics && { topics: topics.map((topic) => (topic.name === '' ? { ...topic, name: names.get(topic.topicId) ?? '' } : topic)) }),
    ...(groups && { groups: groups.map((group) => named(group, names)) }),
  };
}
