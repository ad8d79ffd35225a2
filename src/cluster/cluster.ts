import type { TopicPartition } from '../model/topicPartition.ts';
import { createAsk } from './ask.ts';
import { createBeliefs } from './beliefs.ts';
import { createBootstrap } from './bootstrap.ts';
import type { Context } from './context.ts';
import { createGates } from './gates.ts';
import { interestIn, type Interest } from './interest.ts';
import { createLinks } from './links.ts';
import type { Cluster } from './ports.ts';
import { refreshLoop } from './refresh.ts';

/**
 * `topics`: which topics to know of; looked at for each refresh, so who changes its answer invalidates. `held`: partitions that are ours. One that
 * metadata does not tell of yet is asked for until it does: a group's leader may hear of a new partition before us, and give it to us.
 */
export function createCluster(
  context: Context,
  topics: () => readonly string[] | Interest,
  held: () => Iterable<TopicPartition> = () => [],
): Cluster {
  const gateOf = createGates(context);
  const links = createLinks(context, gateOf);
  const beliefs = createBeliefs(context, held);
  const ask = createAsk(
    context,
    () => [...beliefs.view().brokers.keys()],
    (nodeId) => ({ link: links.link(nodeId, 'control'), wait: links.wait(nodeId, 'control') }),
    createBootstrap(context, gateOf),
  );

  return {
    get view() {
      return beliefs.view();
    },
    views: beliefs.views,
    refreshing: refreshLoop({
      context,
      ask,
      topics: () => interestIn(topics()),
      asked: beliefs.asked,
      answered: (response, interest, broker) => beliefs.answered(response, interest, broker, ({ brokers }) => links.update(brokers)),
      wait: beliefs.wait,
      changed: beliefs.wishes,
    }),
    learn: (leaders, endpoints) => beliefs.learn(leaders, endpoints, ({ brokers }) => links.update(brokers)),
    invalidate: beliefs.invalidate,
    link: links.link,
    wait: links.wait,
    ask,
    close: links.close,
  };
}
