import { Kafka, type KafkaConfig } from 'kafkajs';
import { concatMap, map, merge, NEVER, of, switchMap, take } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { kafkajsConnector } from '../../../src/transport/kafkajs/kafkajsConnector.ts';
import { echoApi, echoed } from '../support/echo.ts';
import { fakeBroker, type Answering, type Asked, type FakeBroker } from '../support/fakeBroker.ts';
import { handshaking } from '../support/handshaking.ts';
import { outcome } from '../support/outcome.ts';

const open: FakeBroker[] = [];

afterEach(async () => {
  for (const broker of open.splice(0)) await broker.close();
});

async function brokerThat(answering: Answering): Promise<FakeBroker> {
  const broker = await fakeBroker(answering);
  open.push(broker);
  return broker;
}

/** An answer to SaslAuthenticate, version 1. */
function authenticated(words: string, lifetime: number): Answering {
  return ({ id }: Asked) => {
    const answer = Buffer.alloc(4 + 4 + 2 + 2 + 4 + Buffer.byteLength(words) + 8);
    answer.writeInt32BE(answer.length - 4, 0);
    answer.writeInt32BE(id, 4);
    answer.writeInt16BE(-1, 10);
    answer.writeInt32BE(Buffer.byteLength(words), 12);
    answer.write(words, 16);
    answer.writeBigInt64BE(BigInt(lifetime), answer.length - 8);
    return answer;
  };
}

const bearer = (): KafkaConfig['sasl'] => ({ mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.resolve({ value: 'a-token' }) });
const plain = (): KafkaConfig['sasl'] => ({ mechanism: 'plain', username: 'alice', password: 'x' });

function connecting(broker: FakeBroker, sasl?: KafkaConfig['sasl']): ReturnType<ReturnType<typeof kafkajsConnector>['connect']> {
  return kafkajsConnector(new Kafka({ brokers: [broker.address], ...(sasl && { sasl }), connectionTimeout: 60_000 })).connect();
}

describe('a session', () => {
  const lifetimeOf = async (lifetime: number, sasl: KafkaConfig['sasl']): Promise<readonly unknown[]> => {
    const broker = await brokerThat(handshaking({ authenticate: authenticated('', lifetime) }));
    return outcome(
      connecting(broker, sasl).pipe(
        take(1),
        map(({ sessionLifetime }) => sessionLifetime),
      ),
    );
  };

  test('has the lifetime that the broker gave it, with every mechanism', async () => {
    expect(await lifetimeOf(15_000, plain())).toEqual([15_000]);
    expect(await lifetimeOf(3_599_123, bearer())).toEqual([3_599_123]);
  });

  test('lasts for ever where the broker says nothing of it, and without SASL', async () => {
    expect(await lifetimeOf(0, plain())).toEqual([undefined]);
    expect(await lifetimeOf(15_000, undefined)).toEqual([undefined]);
  });
});

describe('a token', () => {
  test('that the broker objects to is refused, though kafkajs takes the objection for consent', async () => {
    const broker = await brokerThat(handshaking({ authenticate: authenticated('{"status":"invalid_token"}', 0) }));
    const [error] = await outcome(connecting(broker, bearer()));
    expect(error).toMatchObject({
      name: 'AuthenticationError',
      code: 'SASL_AUTHENTICATION_FAILED',
      retriable: false,
      broker: broker.address,
      message: `SASL OAUTHBEARER at ${broker.address} was refused: the broker does not accept the token`,
    });
  });

  test('words of the broker with another mechanism are no objection', async () => {
    const broker = await brokerThat(handshaking({ authenticate: authenticated('welcome', 0) }));
    expect(
      await outcome(
        connecting(broker, plain()).pipe(
          take(1),
          map((connection) => connection.broker),
        ),
      ),
    ).toEqual([broker.address]);
  });
});

describe('what answers is no broker', () => {
  // Without a look at the first bytes kafkajs would wait for the rest of the frame until connectionTimeout, here a minute.
  test('but speaks TLS: fatal', async () => {
    const broker = await brokerThat(() => Buffer.from('15030300020250', 'hex'));
    expect(await outcome(connecting(broker))).toMatchObject([{ code: 'TLS_FAILED', retriable: false, broker: broker.address }]);
    expect(await outcome(connecting(broker, plain()))).toMatchObject([{ code: 'TLS_FAILED', retriable: false }]);
  });

  test('but speaks HTTP', async () => {
    const broker = await brokerThat(() => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const message = `no connection to ${broker.address} (what answers there is no broker of Kafka)`;
    expect(await outcome(connecting(broker))).toMatchObject([{ code: 'CONNECTION_FAILED', retriable: true, message }]);
  });
});

describe('a broker that hangs up', () => {
  const hangsUpAfter = (answers: number): Answering => {
    let count = 0;
    return ({ id, body, socket }) => {
      count += 1;
      if (count <= answers) return echoed(id, body.toString('utf8', 2));
      socket.end();
      return undefined;
    };
  };
  const twoRequests = async (answers: number, sasl?: KafkaConfig['sasl']): Promise<unknown> => {
    const broker = await brokerThat(handshaking({ rest: hangsUpAfter(answers) }));
    const asking = connecting(broker, sasl).pipe(
      switchMap((connection) => merge(of('a', 'b').pipe(concatMap((text) => connection.send(echoApi, { text }))), NEVER)),
    );
    return (await outcome(asking)).at(-1);
  };

  test('on the first request wants SASL, most likely', async () => {
    expect(await twoRequests(0)).toMatchObject({
      code: 'CONNECTION_LOST',
      retriable: true,
      advice: expect.stringContaining('give `sasl`') as string,
    });
  });

  test('later on, or on somebody who has authenticated, wants something else', async () => {
    expect(await twoRequests(1)).toMatchObject({ code: 'CONNECTION_LOST', advice: '' });
    expect(await twoRequests(0, plain())).toMatchObject({ code: 'CONNECTION_LOST', advice: '' });
  });
});
