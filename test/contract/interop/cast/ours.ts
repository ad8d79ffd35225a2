import { Kafka, logLevel } from 'kafkajs';
import { Subject, timer } from 'rxjs';
import { processRecords } from '../../../../operators/index.ts';
import type { Assignor } from '../../../../src/group/assignor.ts';
import { cooperativeSticky } from '../../../../src/group/assignors/cooperativeSticky.ts';
import { kafkajsRoundRobin } from '../../../../src/group/assignors/kafkajsRoundRobin.ts';
import { range } from '../../../../src/group/assignors/range.ts';
import { fromKafka, type ConsumerEvent, type TopicPartition } from '../../../../src/index.ts';
import { timing, type Listing, type Play, type Player } from './player.ts';

const assignors: Readonly<Record<Listing[number], Assignor>> = {
  'cooperative-sticky': cooperativeSticky,
  range,
  RoundRobinAssigner: kafkajsRoundRobin,
};

const numbers = (partitions: readonly TopicPartition[]): readonly number[] => partitions.map(({ partition }) => partition);

/** A consumer of kafka-rx, with a handler that takes a moment. */
export function ours(name: string, listing: Listing, { kafka, topic, groupId, ledger }: Play): Player {
  const until = new Subject<void>();
  const led: boolean[] = [];
  /** When something was last done with what it holds: it holds it at least until then. */
  let busyAt = 0;

  const tell = (event: ConsumerEvent): void => {
    if (event.kind === 'joined') led.push(event.leader);
    if (event.kind === 'assigned') ledger.given(name, numbers(event.partitions), event.at);
    if (event.kind === 'revoked') ledger.taken(name, numbers(event.partitions), event.at);
    if (event.kind === 'lost') ledger.wrong(`${name} lost ${numbers(event.partitions).join()}: ${event.reason ?? ''}`);
    if (event.kind === 'lost') ledger.taken(name, numbers(event.partitions), event.at);
    if (event.kind === 'closed') ledger.taken(name, ledger.held(name), busyAt);
    if (event.kind !== 'committed') return;
    busyAt = event.at;
    const foreign = numbers(event.offsets).filter((partition) => !ledger.held(name).includes(partition));
    if (foreign.length > 0) ledger.wrong(`${name} committed ${foreign.join()}, which it does not hold`);
  };

  let over: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (over = resolve));
  const client = new Kafka({ brokers: [...kafka.brokers], clientId: name, logLevel: logLevel.NOTHING });
  fromKafka(client, {
    groupId,
    topics: topic,
    until,
    assignors: listing.map((one) => assignors[one]),
    sessionTimeout: timing.session,
    heartbeatInterval: timing.heartbeat,
    commit: { interval: 500 },
    fetch: { maxWait: 100 },
    events: tell,
  })
    .pipe(
      processRecords(({ partition, offset }) => {
        busyAt = Date.now();
        ledger.delivered(name, { partition, first: offset, last: offset, at: busyAt });
        return timer(2);
      }),
    )
    .subscribe({
      error: (error: unknown) => {
        ledger.wrong(`${name} failed: ${String(error)}`);
        over();
      },
      complete: over,
    });
  return {
    name,
    led,
    leave: () => {
      until.next();
      return left;
    },
  };
}
