import type { Kafka } from 'kafkajs';
import type { Observable } from 'rxjs';
import { consumer } from './consumer/consumer.ts';
import { OptionsError } from './errors/index.ts';
import type { PartitionStream } from './model/partitionStream.ts';
import { readOptions, type ConsumerOptions } from './options.ts';
import { kafkajsConnector } from './transport/kafkajs/kafkajsConnector.ts';
import { isKafka } from './transport/kafkajs/structure.ts';
import type { Connector } from './transport/port.ts';

/**
 * Consumes Kafka: emits a stream of records for each partition, at each assignment of it.
 *
 * Cold: each subscription is one consumer, in a group one member of it. What can be healed is healed inside; `error` means that it is over,
 * and `retry()` then starts a new consumer from what was committed. Unsubscribing commits what is acked and leaves the group; `until` lets
 * the work finish first.
 *
 * ```
 * fromKafka    --p0-p1-------------------------
 * p0             --a--b-----c--
 * p1                ----x--y-----z--
 * ```
 *
 * ```ts
 * fromKafka(new Kafka({ brokers: ['localhost:9092'] }), { groupId: 'billing', topics: ['orders'] })
 *   .pipe(processRecords((record) => bill(JSON.parse(String(record.value)))))
 *   .subscribe({ error: (error) => console.error(error) });
 * ```
 *
 * `source`: a Kafka of kafkajs 2.2.4, which says how to connect, or any other `Connector`. Throws OptionsError at once for options that
 * cannot be used, with all that is wrong with them.
 */
export function fromKafka(source: Kafka | Connector, options: ConsumerOptions): Observable<PartitionStream> {
  return consumer(connectorOf(source), source, readOptions(options));
}

function connectorOf(source: unknown): Connector {
  if (isKafka(source)) return kafkajsConnector(source);
  if (isConnector(source)) return source;
  const allowed = 'a Kafka of kafkajs, or a Connector';
  const words = `the first argument of fromKafka is neither a Kafka nor a Connector: new Kafka({ brokers: ['localhost:9092'] })`;
  throw new OptionsError(words, [{ path: 'source', given: typeof source, allowed }]);
}

function isConnector(source: unknown): source is Connector {
  if (typeof source !== 'object' || source === null || !('connect' in source)) return false;
  // A consumer, producer or admin of kafkajs connects as well, though not to a broker of our choice.
  return typeof source.connect === 'function' && !('disconnect' in source && 'logger' in source);
}
