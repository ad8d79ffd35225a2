import { setTimeout as pause } from 'node:timers/promises';
import type { Message } from 'kafkajs';
import { kafkajsFor, type HasBrokers } from '../../support/kafka.ts';
import { clock } from './log.ts';
import { PARTITIONS } from './plan.ts';

/** Records a second. */
const RATE = 400;
/** Milliseconds from one portion to the next. */
const EVERY = 25;
const SPEED = RATE / 1_000;

export interface Flow {
  /** Ends it; resolves with how many records were written. */
  stop(): Promise<number>;
}

/** The number stands in the value; the keys go round the partitions. */
function message(number: number): Message {
  return { key: `k${number % 240}`, value: String(number), partition: number % PARTITIONS, timestamp: String(Math.ceil(clock())) };
}

/** Writes 400 records a second until it is stopped; what was held up is made up for. */
export async function startFlow(kafka: HasBrokers, topic: string): Promise<Flow> {
  const producer = kafkajsFor(kafka).producer({ retry: { retries: 100, initialRetryTime: 100, maxRetryTime: 500 } });
  await producer.connect();
  const began = clock();
  const state = { stopped: false, written: 0 };
  const write = async (): Promise<void> => {
    while (!state.stopped) {
      const due = Math.floor((clock() - began) * SPEED);
      const messages = Array.from({ length: due - state.written }, (_, index) => message(state.written + index));
      if (messages.length > 0) await producer.send({ topic, acks: -1, messages });
      state.written = due;
      await pause(EVERY);
    }
  };
  const writing = write();
  writing.catch(() => undefined); // told by `stop`
  return {
    stop: async () => {
      state.stopped = true;
      try {
        await writing;
        return state.written;
      } finally {
        await producer.disconnect();
      }
    },
  };
}
