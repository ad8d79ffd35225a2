import type { Kafka } from 'kafkajs';
import { catchError, defer, from, switchMap, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import type { BrokerAddress, Connection, Connector } from '../port.ts';
import { steadyScheduler } from '../steadyScheduler.ts';
import { socketConnection } from '../socketConnection.ts';
import { classify } from './errors.ts';
import { handshake } from './handshake.ts';
import { firstConnection, type Cluster } from './internals.ts';
import { clusterOf, strangeKafkajs } from './structure.ts';

/**
 * Connects the way a Kafka of kafkajs is configured to: its brokers, TLS, SASL, client id, time-outs and socket factory.
 *
 * Each connection is made and authenticated by kafkajs, with its connectionTimeout and authenticationTimeout, and used without it. Nothing is
 * logged: what goes wrong is an error. Throws OptionsError if the Kafka is not one of kafkajs 2.2.4.
 */
export function kafkajsConnector(kafka: Kafka): Connector {
  const cluster = clusterOf(kafka);
  return { connect: (broker) => connect(cluster, broker) };
}

function connect(cluster: Cluster, broker: BrokerAddress | undefined): Observable<Connection> {
  return poolOf(cluster, broker).pipe(
    switchMap((pool) => {
      const connection = firstConnection(pool);
      return connection === undefined
        ? throwError(() => strangeKafkajs('its connection pool is none'))
        : handshake(cluster, pool, connection);
    }),
    switchMap(({ socket, negotiated }) => socketConnection(socket, negotiated, steadyScheduler)),
  );
}

/** kafkajs chooses the bootstrap broker: each time the next of those that the user gave, as a list or as a function that may take its time. */
function poolOf(cluster: Cluster, broker: BrokerAddress | undefined): Observable<unknown> {
  const destination = broker && { host: broker.host, port: broker.port };
  const named = broker && `${broker.host}:${String(broker.port)}`;
  return defer(() => from(cluster.connectionPoolBuilder.build(destination))).pipe(
    catchError((error: unknown) => throwError(() => classify({ error, cause: undefined, broker: named, mechanism: undefined }))),
  );
}
