import type { Socket } from 'node:net';
import { Observable } from 'rxjs';
import type { Negotiated } from '../socketConnection.ts';
import { custody } from './custody.ts';
import { classify, tokenRefused, unreachable } from './errors.ts';
import { isBroker, versionRanges, type Cluster, type PoolConnection } from './internals.ts';
import { silence, silent } from './silence.ts';
import { strangeKafkajs } from './structure.ts';
import { tlsWanted } from './tlsErrors.ts';
import { witness } from './witness.ts';

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
    const seen = witness(connection);
    const socket = custody(connection, {
      closed: () => subscriber.error(unreachable(broker, 'closed in the handshake')),
      greeted: (by) => subscriber.error(by === 'tls' ? tlsWanted(broker) : unreachable(broker, 'what answers there is no broker of Kafka')),
    });
    subscriber.add(() => socket.abandon());
    client.connect().then(
      () => {
        const mechanism = connection.sasl?.mechanism;
        if (seen.objected && isBearer(mechanism)) subscriber.error(tokenRefused(broker));
        const taken = socket.release();
        if (taken === undefined) {
          subscriber.error(unreachable(broker, 'closed in the handshake'));
          return;
        }
        subscriber.next({ socket: taken, negotiated: negotiatedOver(connection, broker, client.versions) });
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(classify({ error, cause: seen.failure, broker, mechanism: connection.sasl?.mechanism })),
    );
  });
}

/** With this mechanism kafkajs does not look at the answer: an objection to the token is all that there is in it (RFC 7628). */
function isBearer(mechanism: string | undefined): boolean {
  return mechanism?.toUpperCase() === 'OAUTHBEARER';
}

function negotiatedOver(connection: PoolConnection, broker: string, versions: unknown): Negotiated {
  const { clientId, sasl, sessionLifetime } = connection;
  const lifetime = Number(String(sessionLifetime));
  return {
    broker,
    clientId,
    versions: versionRanges(versions),
    ...(lifetime > 0 && { sessionLifetime: lifetime }),
    ...(!sasl && { unanswered: WANTS_SASL }),
  };
}

/** ApiVersions is answered to everybody; the next request is not. */
const WANTS_SASL = 'It hung up on the first request, as listeners that want SASL do: give `sasl`, or use the port of the listener without.';
