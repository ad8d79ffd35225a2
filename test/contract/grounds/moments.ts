import { defer, map, tap } from 'rxjs';
import type { Connection, Connector } from '../../../src/index.ts';

export type Side = 'before' | 'after';

/** Tells of each request by its API, before it is sent and after its answer has come, and of each connection as `Connect`. */
export function watched(connector: Connector, at: (what: string, side: Side) => void): Connector {
  return {
    connect: (address) =>
      defer(() => {
        at('Connect', 'before');
        return connector.connect(address);
      }).pipe(
        tap(() => at('Connect', 'after')),
        map((connection) => watchedConnection(connection, at)),
      ),
  };
}

function watchedConnection(connection: Connection, at: (what: string, side: Side) => void): Connection {
  return {
    ...connection,
    send: (api, request) =>
      defer(() => {
        at(api.name, 'before');
        return connection.send(api, request);
      }).pipe(tap(() => at(api.name, 'after'))),
    fetch: (request) =>
      defer(() => {
        at('Fetch', 'before');
        return connection.fetch(request);
      }).pipe(
        tap(({ kind }) => {
          if (kind === 'end') at('Fetch', 'after');
        }),
      ),
  };
}
