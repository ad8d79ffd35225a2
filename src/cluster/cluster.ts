import { createAsk } from './ask.ts';
import { createBeliefs } from './beliefs.ts';
import { createBootstrap } from './bootstrap.ts';
import type { Context } from './context.ts';
import { createGates } from './gates.ts';
import { createLinks } from './links.ts';
import type { Cluster } from './ports.ts';
import { refreshLoop } from './refresh.ts';

/** `topics`: which topics to know of; looked at for each refresh, so who changes its answer invalidates. */
export function createCluster(context: Context, topics: () => readonly string[] | 'all'): Cluster {
  const gateOf = createGates(context);
  const links = createLinks(context, gateOf);
  const beliefs = createBeliefs(context);
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
      topics,
      asked: beliefs.asked,
      answered: (response) => beliefs.answered(response, ({ brokers }) => links.update(brokers)),
      wait: beliefs.wait,
      changed: beliefs.wishes,
    }),
    invalidate: beliefs.invalidate,
    link: links.link,
    ask,
    close: links.close,
  };
}
