import type { Socket } from 'node:net';
import { Observable } from 'rxjs';
import type { Negotiated } from '../socketConnection.ts';
import { custody } from './custody.ts';
import { classify, unreachable } from './errors.ts';
import { isBroker, versionRanges, type Cluster, type PoolConnection } from './internals.ts';
import { silence, silent } from './silence.ts';
import { strangeKafkajs } from './structure.ts';

/** A socket that kafkajs has connected and authenticated, and has no hold of any more. */
export interface Taken {
  readonly socket: Socket;
  readonly negotiated: Negotiated;
}

/**
 * Lets kafkajs connect (TCP, TLS, ApiVersions, SASL), then takes the socket away from it and emits it: whoever is given it must close it.
 *
 * From then on nothing of kafkajs runs. Unsubscribed before that, or failed, the socket is destroyed at once and no timer is left.
 */
export function handshake(cluster: Cluster, pool: unknown, connection: PoolConnection): Observable<Taken> {
  const broker = `${connection.host}:${String(connection.port)}`;
  return new Observable<Taken>((subscriber) => {
    const client = cluster.brokerPool.createBroker({ connectionPool: pool, logger: silent, versions: null });
    if (!isBroker(client)) throw strangeKafkajs('its broker is none');
    silence(connection);
    const lastFailure = watchRequests(connection);
    const socket = custody(connection, () => subscriber.error(unreachable(broker, 'closed in the handshake')));
    subscriber.add(() => socket.abandon());
    client.connect().then(
      () => {
        const taken = subscriber.closed ? undefined : socket.release();
        if (taken === undefined) {
          subscriber.error(unreachable(broker, 'closed in the handshake'));
          return;
        }
        subscriber.next({ socket: taken, negotiated: { broker, clientId: connection.clientId, versions: versionRanges(client.versions) } });
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(classify({ error, cause: lastFailure(), broker, mechanism: connection.sasl?.mechanism })),
    );
  });
}

/** Returns what the last request of the connection failed with; undefined if it was answered. */
function watchRequests(connection: PoolConnection): () => unknown {
  const send = connection.send.bind(connection);
  let failure: unknown;
  connection.send = async (exchange) => {
    try {
      const answer = await send(exchange);
      failure = undefined;
      return answer;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  return () => failure;
}
