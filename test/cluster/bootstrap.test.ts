import { describe, expect, it } from 'vitest';
import { createBootstrap, type Bootstrap } from '../../src/cluster/bootstrap.ts';
import { createGates, type Gates } from '../../src/cluster/gates.ts';
import { ConnectionError } from '../../src/errors/index.ts';
import { heartbeatApi } from '../../src/protocol/apis/heartbeat.ts';
import { Brokers, type Respond } from './scenario.ts';

const beat = { groupId: 'g', generationId: 0, memberId: '', groupInstanceId: null };
const ok = { throttleTimeMs: 0, errorCode: 0 };

interface Scene {
  readonly brokers: Brokers;
  readonly bootstrap: Bootstrap;
  readonly gateOf: Gates;
  readonly ask: (name: string) => { unsubscribe(): void };
}

/** The hosts that the user gave, which the connector takes in turn. */
function start(hosts: readonly string[], respond: Respond = () => ok, requestTimeout = 30_000): Scene {
  const brokers = new Brokers(respond, { requestTimeout });
  const { connector } = brokers.context;
  let turn = 0;
  const inTurn: typeof connector = {
    connect: () => {
      const host = hosts[turn++ % hosts.length] ?? '';
      brokers.refusal = new ConnectionError('CONNECTION_FAILED', 'refused', { broker: `${host}:9092` });
      return connector.connect({ host, port: 9092 });
    },
  };
  const gateOf = createGates(brokers.context);
  const bootstrap = createBootstrap({ ...brokers.context, connector: inTurn }, gateOf);
  return { brokers, bootstrap, gateOf, ask: (name) => brokers.watch(name, bootstrap.ask(heartbeatApi, beat)) };
}

function connects(brokers: Brokers): readonly string[] {
  return brokers.log.filter((line) => line.includes('connect'));
}

describe('the bootstrap brokers', () => {
  it('are asked in turn, each over a connection that is closed then', () => {
    const { brokers, ask } = start(['a', 'b']);
    for (const ms of [0, 10, 20]) brokers.at(ms, () => ask(String(ms)));
    brokers.to(100);
    expect(connects(brokers)).toEqual(['0 connect a:9092', '10 connect b:9092', '20 connect a:9092']);
    expect(brokers.idle).toBe(true);
  });

  it('are told who answered', () => {
    const { brokers, bootstrap } = start(['a']);
    bootstrap.ask(heartbeatApi, beat, (broker) => brokers.note(`from ${broker}`)).subscribe(() => brokers.note('answer'));
    brokers.to(10);
    expect(brokers.log.slice(-2)).toEqual(['2 from a:9092', '2 answer']);
  });

  it('that is one alone is not tried again before its back-off is over, and who waits shares the attempt', () => {
    const { brokers, ask, bootstrap } = start(['a']);
    brokers.down.add('a:9092');
    for (const ms of [0, 20, 30, 150]) brokers.at(ms, () => ask(String(ms)));
    brokers.at(20, () => expect(bootstrap.wait()).toBe(81)).to(1_000);
    expect(brokers.log).toEqual([
      '0 connect a:9092',
      '1 0 failed: CONNECTION_FAILED',
      '101 connect a:9092',
      '102 30 failed: CONNECTION_FAILED',
      '102 20 failed: CONNECTION_FAILED',
      '302 connect a:9092',
      '303 150 failed: CONNECTION_FAILED',
    ]);
  });

  it('of which one is down: the other is reached within a step, and waits for the first no more once their order is known', () => {
    const { brokers, ask, bootstrap } = start(['down', 'up']);
    brokers.down.add('down:9092');
    const waits: number[] = [];
    for (const ms of [0, 10, 200, 210]) {
      brokers.at(ms, () => {
        waits.push(bootstrap.wait());
        ask(String(ms));
      });
    }
    brokers.to(1_000);
    expect(connects(brokers)).toEqual(['0 connect down:9092', '101 connect up:9092', '200 connect down:9092', '210 connect up:9092']);
    expect(waits).toEqual([0, 91, 0, 0]);
  });

  it('that has turned out to be another than expected leaves that one free', () => {
    const { brokers, ask, gateOf } = start(['a', 'b'], ({ broker }) => (broker === 'b:9092' ? undefined : ok), 50);
    brokers.at(0, () => ask('first')).at(10, () => ask('second'));
    brokers.at(20, () => expect([gateOf('a:9092').wait(), gateOf('b:9092').wait()]).toEqual([0, 0])).to(60);
    expect(brokers.log.at(-1)).toBe('60 second failed: REQUEST_TIMED_OUT');
    expect([gateOf('a:9092').health.failures, gateOf('b:9092').health.failures]).toEqual([0, 1]);
  });

  it('that is given up makes way', () => {
    const { brokers, ask } = start(['a']);
    const first = ask('first');
    ask('second');
    first.unsubscribe();
    brokers.to(100);
    expect(brokers.log).toEqual(['0 connect a:9092', '0 connect a:9092', '1 Heartbeat to a:9092', '2 second answered']);
    expect(brokers.idle).toBe(true);
  });

  it('is waited for no longer than an answer may take', () => {
    const { brokers, ask } = start(['a'], () => undefined, 50);
    ask('first');
    brokers.to(100);
    expect(brokers.log.at(-1)).toBe('50 first failed: REQUEST_TIMED_OUT');
    expect(brokers.idle).toBe(true);
  });
});
