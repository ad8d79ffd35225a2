import { concat, defer, EMPTY, map, NEVER, Subject, takeUntil, type MonoTypeOperatorFunction } from 'rxjs';
import type { Connection, Connector } from '../../../src/index.ts';

/** A way to a cluster that can be cut off. */
export interface Mortal extends Connector {
  /** From now on nothing gets through, and all connections are gone: as when the process is killed, the cluster hears no farewell. */
  die(): void;
}

export function mortal(connector: Connector): Mortal {
  const death = new Subject<void>();
  const life = { over: false };
  /** What is alive goes on to its own end; what dies says nothing more. */
  const whileAlive =
    <T>(): MonoTypeOperatorFunction<T> =>
    (source) =>
      defer(() =>
        life.over
          ? NEVER
          : concat(
              source.pipe(takeUntil(death)),
              defer(() => (life.over ? NEVER : EMPTY)),
            ),
      );
  const guarded = (connection: Connection): Connection => ({
    ...connection,
    version: (api) => connection.version(api),
    send: (api, request) => connection.send(api, request).pipe(whileAlive()),
    fetch: (request) => connection.fetch(request).pipe(whileAlive()),
  });
  return {
    connect: (broker) => connector.connect(broker).pipe(map(guarded), whileAlive()),
    die: () => {
      life.over = true;
      death.next();
    },
  };
}
