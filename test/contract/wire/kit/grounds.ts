import { setTimeout as sleep } from 'node:timers/promises';
import { SimulatedCluster } from '../../../../src/testing/simulatedCluster.ts';
import { kafkajsConnector } from '../../../../src/transport/kafkajs/kafkajsConnector.ts';
import { kafkajsFor, type HasBrokers } from '../../../support/kafka.ts';
import type { WireGround } from './talk.ts';
import { VirtualTime } from './virtualTime.ts';

/** A real Kafka. */
export function realGround(kafka: HasBrokers): WireGround {
  return {
    name: 'a real Kafka',
    connector: kafkajsConnector(kafkajsFor(kafka)),
    now: () => performance.now(),
    pause: (ms) => sleep(ms),
    run: (work) => work(),
  };
}

/** A simulated cluster with the settings that the tests give to real ones, in virtual time. */
export function simulatedGround(brokers = 1): WireGround {
  const time = new VirtualTime();
  return {
    name: 'the simulated cluster',
    connector: new SimulatedCluster({ scheduler: time, brokers, settings: { groupMinSessionTimeout: 500 } }),
    now: () => time.now(),
    pause: (ms) => time.pause(ms),
    run: (work) => time.during(work()),
  };
}
