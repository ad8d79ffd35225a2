import { filter, map, type Observable } from 'rxjs';
import type { FetchRequestAll } from '../../src/protocol/apis/fetchAll.ts';
import type { ScriptedCluster } from '../support/scripted/index.ts';
import { asked, nameOf } from './fetching.ts';

/** What each Fetch says of its session (KIP-227): `session 1000001, epoch 3: orders/0@5, forget orders/1`. */
export function sessions(cluster: ScriptedCluster): Observable<string> {
  return cluster.traffic.pipe(
    filter(({ api, kind }) => api === 'Fetch' && kind === 'request'),
    map((traffic) => {
      const { sent } = traffic;
      const { sessionId, sessionEpoch, forgottenTopicsData } = sent as FetchRequestAll;
      const changed = asked(cluster, { message: sent }).map(({ key, offset }) => `${key}@${offset}`);
      const forgotten = forgottenTopicsData.flatMap((topic) =>
        topic.partitions.map((partition) => `forget ${nameOf(cluster, topic)}/${partition}`),
      );
      return `session ${sessionId}, epoch ${sessionEpoch}: ${[...changed, ...forgotten].join(', ') || 'as before'}`;
    }),
  );
}
