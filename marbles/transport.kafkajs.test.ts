import { Kafka } from 'kafkajs';
import { map, mergeMap, take } from 'rxjs';
import { expect, test } from 'vitest';
import { kafkajsConnector } from '../src/transport/kafkajs/kafkajsConnector.ts';
import { codeOf } from '../test/support/scripted/index.ts';
import { echoApi, echoed } from '../test/transport/support/echo.ts';
import { fakeBroker } from '../test/transport/support/fakeBroker.ts';
import { handshaking } from '../test/transport/support/handshaking.ts';
import { outcome } from '../test/transport/support/outcome.ts';

// kafkajs has a clock of its own: these have no columns.

test('kafkajs opens the connection, and the first request on it is ours', async () => {
  const broker = await fakeBroker(handshaking({ rest: ({ id, body }) => echoed(id, body.toString('utf8', 2)) }));
  const connections = kafkajsConnector(new Kafka({ brokers: [broker.address] })).connect();
  const answers = await outcome(connections.pipe(mergeMap((connection) => connection.send(echoApi, { text: 'x' })), map(({ text }) => text), take(1)));
  await broker.close();
  expect(answers).toEqual(['x']);
});

test('where kafkajs does not get to know its brokers, that is an error of ours', async () => {
  const brokers = (): Promise<string[]> => Promise.reject(new Error('the registry is down'));
  const errors = await outcome(kafkajsConnector(new Kafka({ brokers })).connect());
  expect(errors.map(codeOf)).toEqual(['CONNECTION_FAILED']);
});
