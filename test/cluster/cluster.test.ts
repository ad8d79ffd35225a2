import { switchMap, take, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createCluster } from '../../src/cluster/cluster.ts';
import type { Context } from '../../src/cluster/context.ts';
import type { Interest } from '../../src/cluster/interest.ts';
import { ConnectionError, RequestTimeoutError } from '../../src/errors/index.ts';
import { heartbeatApi } from '../../src/protocol/apis/heartbeat.ts';
import { Brokers, metadata, partition, type Respond, topic } from './scenario.ts';

const healthy = metadata([0, 1], [topic('t', [partition(0, 0), partition(1, 1)])]);

const beat = { groupId: 'g', generationId: 0, memberId: '', groupInstanceId: null };

function start(
  respond: Respond = () => healthy,
  settings: Partial<Context> = {},
  topics: () => readonly string[] | Interest = () => ['t'],
) {
  const brokers = new Brokers(respond, settings);
  const cluster = createCluster(brokers.context, topics);
  const subscribed = timer(0, brokers.clock)
    .pipe(switchMap(() => cluster.refreshing))
    .subscribe({ error: (error: unknown) => brokers.note(`error ${error instanceof ConnectionError ? error.code : String(error)}`) });
  return { brokers, cluster, subscribed };
}

function asked(brokers: Brokers): readonly string[] {
  return brokers.log.filter((line) => line.includes('Metadata'));
}

describe('refreshing', () => {
  it('asks a bootstrap broker first, then the known ones in turn, each time when the metadata is too old', () => {
    const { brokers, cluster } = start();
    brokers.to(1_000_000);
    expect(brokers.log).toEqual([
      '0 connect bootstrap',
      '1 Metadata to bootstrap',
      '300002 connect b1:9092',
      '300003 Metadata to b1:9092',
      '600004 connect b0:9092',
      '600005 Metadata to b0:9092',
      '900006 Metadata to b1:9092',
    ]);
    expect(cluster.view.at).toBe(900_007);
  });

  it('asks for the topics of the moment, and creates none', () => {
    const requests: Record<string, unknown>[] = [];
    let topics: readonly string[] | Interest = ['t', 'u'];
    const { brokers, cluster } = start(
      ({ request }) => (requests.push(request), healthy),
      {},
      () => topics,
    );
    brokers.at(500, () => {
      topics = { names: [], matches: () => true };
      cluster.invalidate();
    });
    brokers.to(600);
    expect(requests[0]).toMatchObject({ topics: [{ name: 't' }, { name: 'u' }], allowAutoTopicCreation: false });
    expect(requests.map(({ topics: named }) => named === null)).toEqual([false, true]);
  });

  it('emits each view, the present one first', () => {
    const { brokers, cluster } = start();
    const seen: (number | undefined)[] = [];
    const late: (number | undefined)[] = [];
    cluster.views.subscribe(({ at }) => seen.push(at));
    brokers
      .at(100, () => cluster.invalidate())
      .at(200, () => cluster.views.pipe(take(1)).subscribe(({ at }) => late.push(at)))
      .to(1_000);
    expect(seen).toEqual([2, 104]);
    expect(late).toEqual([104]);
  });

  it('refreshes once for all who wish it, after a pause that grows while nothing changes', () => {
    const { brokers, cluster } = start();
    for (let ms = 10; ms < 1_500; ms += 10) brokers.at(ms, () => cluster.invalidate());
    brokers.to(3_000);
    expect(asked(brokers)).toEqual([
      '1 Metadata to bootstrap',
      '103 Metadata to b1:9092',
      '205 Metadata to b0:9092',
      '406 Metadata to b1:9092',
      '807 Metadata to b0:9092',
      '1608 Metadata to b1:9092',
    ]);
  });

  it('does not lose a wish that comes while a refresh is on its way', () => {
    const { brokers, cluster } = start();
    brokers.at(1, () => cluster.invalidate()).to(1_000);
    expect(asked(brokers)).toEqual(['1 Metadata to bootstrap', '103 Metadata to b1:9092']);
  });

  it('asks again, ever more slowly, while a partition has no leader or a topic is not there, though nobody wishes it', () => {
    for (const answer of [metadata([0], [topic('t', [partition(0, -1)])]), metadata([0], [topic('t', [], { errorCode: 3 })])]) {
      const { brokers } = start(() => answer);
      brokers.to(100_000);
      expect(
        asked(brokers)
          .map((line) => parseInt(line))
          .slice(0, 6),
      ).toEqual([1, 103, 204, 405, 806, 1_607]);
      expect(asked(brokers).length).toBeGreaterThan(13);
      expect(asked(brokers).length).toBeLessThan(18);
    }
  });

  it('pauses between brokers that contradict each other', () => {
    const other = metadata([0, 1], [topic('t', [], { errorCode: 3 })]);
    const { brokers } = start(({ broker }) => (broker === 'b0:9092' ? healthy : other));
    brokers.to(10_000);
    expect(asked(brokers).length).toBeLessThan(110);
  });

  it('does not believe a broker that knows no brokers', () => {
    const { brokers, cluster } = start(() => (brokers.clock.now() < 300 ? metadata([]) : healthy));
    brokers.to(1_000);
    expect(asked(brokers)).toEqual(['1 Metadata to bootstrap', '103 Metadata to bootstrap', '305 Metadata to bootstrap']);
    expect(cluster.view.at).toBe(306);
    expect(brokers.told).toMatchObject([
      { kind: 'retryScheduled', api: 'Metadata', attempt: 1, delay: 100, error: { code: 'BROKER_NOT_AVAILABLE' } },
      { kind: 'retryScheduled', api: 'Metadata', attempt: 2, delay: 200 },
    ]);
  });

  it('begins its back-off anew after a success', () => {
    const { brokers, cluster } = start(() => (brokers.clock.now() < 200 || brokers.clock.now() > 400 ? metadata([]) : healthy));
    brokers.at(500, () => cluster.invalidate()).to(700);
    expect(brokers.told.flatMap((one) => (one.kind === 'retryScheduled' ? [one.delay] : []))).toEqual([100, 200, 100, 200].slice(0, 4));
  });

  it('tells of brokers that cannot be reached, and comes back when they can', () => {
    const { brokers, cluster } = start();
    brokers.down.add('bootstrap');
    brokers.at(20_000, () => brokers.down.clear()).to(40_000);
    expect(brokers.told[0]).toMatchObject({
      kind: 'retryScheduled',
      attempt: 1,
      delay: 100,
      error: { code: 'BROKERS_UNREACHABLE', retriable: true },
    });
    expect(cluster.view.at).toBeGreaterThan(20_000);
  });

  it('ends with what trying again does not heal', () => {
    const { brokers } = start();
    brokers.down.add('bootstrap');
    brokers.refusal = new ConnectionError('TLS_FAILED', 'self signed certificate');
    brokers.to(1_000);
    expect(brokers.log).toEqual(['0 connect bootstrap', '1 error TLS_FAILED']);
  });

  it('never arms a timer that Node would fire at once', () => {
    const { brokers } = start(() => healthy, { metadataMaxAge: 2 ** 40 });
    brokers.to(100);
    expect(Math.max(...brokers.clock.actions.map(({ delay }) => delay))).toBeLessThan(2 ** 31 + 100);
  });

  it('leaves nothing behind', () => {
    for (const when of [0, 1, 2, 50, 300_002, 300_003]) {
      const { brokers, cluster, subscribed } = start();
      brokers.to(when);
      subscribed.unsubscribe();
      cluster.close();
      brokers.to(when + 1);
      expect(brokers.idle).toBe(true);
    }
  });
});

describe('asking', () => {
  it('goes on to the next broker where one fails, and to the bootstrap ones at last', () => {
    const { brokers, cluster } = start();
    brokers.to(10);
    brokers.down.add('b0:9092').add('b1:9092');
    brokers.at(1_000, () => cluster.invalidate()).to(1_100);
    expect(brokers.log.slice(2)).toEqual(
      ['1000 connect b1:9092', '1002 connect b0:9092', '1004 connect bootstrap', '1005 Metadata to bootstrap'].map(near),
    );
  });

  it('leaves out one that hung, for a while', () => {
    const { brokers, cluster } = start(({ broker }) => (broker === 'b1:9092' ? undefined : healthy), { requestTimeout: 1_000 });
    brokers.to(10);
    for (const ms of [1_000, 4_000, 8_000, 14_000, 16_000]) brokers.at(ms, () => cluster.invalidate());
    brokers.to(20_000);
    const hung = asked(brokers).filter((line) => line.includes('b1'));
    // Hung from 1,002 to 2,002 ms, and 10 s later it is believed again.
    expect(hung.map((line) => parseInt(line))).toEqual([1_001, 16_001]);
    expect(asked(brokers)).toHaveLength(1 + 5 + 2);
  });

  it('passes over one that backs off while another answers, and waits for it where none does', () => {
    const { brokers, cluster } = start();
    brokers.bootstrap = 'b1';
    brokers.to(10);
    brokers.down.add('b1:9092');
    for (const ms of [1_000, 1_020, 1_040, 1_060]) brokers.at(ms, () => cluster.ask(heartbeatApi, beat).subscribe());
    brokers.at(1_080, () => {
      brokers.down.add('b0:9092');
      brokers.cut('b0:9092');
      brokers.watch('last', cluster.ask(heartbeatApi, beat));
    });
    brokers.at(1_090, () => brokers.down.clear());
    brokers.to(2_000);
    expect(brokers.log.slice(2)).toEqual([
      '1000 connect b1:9092',
      '1001 connect b0:9092',
      '1002 Heartbeat to b0:9092',
      '1020 Heartbeat to b0:9092',
      '1040 Heartbeat to b0:9092',
      '1060 Heartbeat to b0:9092',
      '1080 connect b0:9092',
      '1101 connect b1:9092',
      '1102 Heartbeat to b1:9092',
      '1103 last answered',
    ]);
  });

  it('goes to the bootstrap brokers before it waits for known ones that all back off', () => {
    const { brokers, cluster } = start();
    brokers.to(10);
    brokers.down.add('b0:9092').add('b1:9092');
    for (const ms of [20, 30]) brokers.at(ms, () => cluster.ask(heartbeatApi, beat).subscribe());
    brokers.to(60);
    expect(brokers.log.slice(2)).toEqual([
      '20 connect b1:9092',
      '21 connect b0:9092',
      '22 connect bootstrap',
      '23 Heartbeat to bootstrap',
      '30 connect bootstrap',
      '31 Heartbeat to bootstrap',
    ]);
  });

  it('of a large cluster asks those that do not back off', () => {
    const { brokers, cluster } = start(() => metadata([0, 1, 2, 3, 4, 5]));
    brokers.to(10);
    for (const broker of [1, 2, 3]) brokers.down.add(`b${String(broker)}:9092`);
    for (const broker of [1, 2, 3]) brokers.watch('gone', cluster.link(broker, 'fetch').request(heartbeatApi, beat, 1_000));
    brokers.at(20, () => cluster.ask(heartbeatApi, beat).subscribe()).to(30);
    expect(brokers.log.slice(-2)).toEqual(['20 connect b4:9092', '21 Heartbeat to b4:9092']);
  });

  it('does not go through all brokers of a large cluster', () => {
    const { brokers, cluster } = start(() => metadata([0, 1, 2, 3, 4, 5]));
    brokers.to(10);
    for (const broker of [0, 1, 2, 3, 4, 5]) brokers.down.add(`b${String(broker)}:9092`);
    brokers.at(1_000, () => cluster.invalidate()).to(1_050);
    expect(brokers.log.slice(2).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'connect b1:9092',
      'connect b2:9092',
      'connect b3:9092',
      'connect bootstrap',
      'Metadata to bootstrap',
    ]);
  });

  it('says what each one said when none answers', () => {
    const { brokers, cluster } = start();
    brokers.to(10);
    brokers.down.add('b0:9092').add('b1:9092').add('bootstrap');
    let failure: unknown;
    cluster
      .ask(heartbeatApi, { groupId: 'g', generationId: 0, memberId: '', groupInstanceId: null })
      .subscribe({ error: (error: unknown) => (failure = error) });
    brokers.to(100);
    expect(failure).toMatchObject({
      code: 'BROKERS_UNREACHABLE',
      retriable: true,
      message: expect.stringMatching(/Heartbeat.*refused.*refused.*refused/) as string,
    });
  });

  it('does not wait for ever for a bootstrap broker', () => {
    const { brokers } = start(() => undefined);
    brokers.to(30_000);
    expect(brokers.told).toMatchObject([{ kind: 'retryScheduled', error: { cause: expect.any(RequestTimeoutError) as Error } }]);
  });
});

describe('connections', () => {
  it('are one per broker and purpose', () => {
    const { brokers, cluster } = start();
    brokers.to(10);
    for (const purpose of ['control', 'join', 'fetch', 'control'] as const)
      brokers.watch(purpose, cluster.link(0, purpose).request(heartbeatApi, beat, 1_000));
    brokers.to(100);
    expect(brokers.log.filter((line) => line.includes('connect b0'))).toHaveLength(3);
    expect(cluster.link(0, 'fetch')).toBe(cluster.link(0, 'fetch'));
    expect(brokers.told.filter(({ kind }) => kind === 'connected')).toEqual(
      Array(3).fill({ kind: 'connected', broker: 'b0:9092', host: 'b0', port: 9092 }),
    );
  });

  it('are replaced when a broker moves, and closed when it goes: what is under way errors, retriable', () => {
    let answer = healthy;
    const { brokers, cluster } = start(({ api }) => (api === 'Metadata' ? answer : undefined));
    brokers.to(10);
    brokers.watch('moved', cluster.link(0, 'fetch').request(heartbeatApi, beat, 60_000));
    brokers.watch('gone', cluster.link(1, 'fetch').request(heartbeatApi, beat, 60_000));
    brokers.at(1_000, () => {
      answer = metadata([[0, 'elsewhere']], healthy.topics);
      cluster.invalidate();
    });
    brokers.to(1_050);
    expect(brokers.log.filter((line) => line.includes('failed'))).toEqual(
      ['1002 moved failed: CONNECTION_LOST', '1002 gone failed: CONNECTION_LOST'].map(near),
    );
    expect([cluster.link(0, 'fetch').broker, cluster.link(1, 'fetch').broker]).toEqual(['elsewhere:9092', 'broker 1']);
    brokers.watch('unknown', cluster.link(1, 'fetch').request(heartbeatApi, beat, 1_000));
    expect(brokers.log.at(-1)).toBe('1050 unknown failed: CONNECTION_FAILED');
    expect(brokers.told.filter(({ kind }) => kind === 'disconnected')).toHaveLength(3);
  });

  it('to a broker that metadata does not know yet are made where the coordinator is said to be, and kept', () => {
    const { brokers, cluster } = start(({ api }) => (api === 'Heartbeat' ? undefined : healthy));
    brokers.to(10);
    const link = cluster.link(7, 'join', { host: 'b7', port: 9092 });
    cluster.invalidate();
    brokers.to(1_000);
    expect(cluster.link(7, 'join')).toBe(link);
    brokers.watch('under way', link.request(heartbeatApi, beat, 60_000));
    brokers.to(1_010);
    expect(cluster.link(7, 'join', { host: 'other', port: 9092 }).broker).toBe('other:9092');
    expect(brokers.log.at(-1)).toBe('1010 under way failed: CONNECTION_LOST');
    expect(cluster.link(0, 'join', { host: 'other', port: 9092 }).broker).toBe('b0:9092');
  });

  it('back off together, over all purposes of a broker: who comes meanwhile waits, and shares the next attempt', () => {
    const { brokers, cluster } = start();
    brokers.to(10);
    brokers.down.add('b0:9092');
    brokers.watch('first', cluster.link(0, 'fetch').request(heartbeatApi, beat, 1_000));
    brokers.at(50, () => brokers.watch('second', cluster.link(0, 'join').request(heartbeatApi, beat, 10)));
    brokers.at(60, () => brokers.watch('third', cluster.link(0, 'control').request(heartbeatApi, beat, 10)));
    brokers.at(150, () => brokers.watch('fourth', cluster.link(0, 'join').request(heartbeatApi, beat, 10)));
    brokers.at(300, () => brokers.down.clear());
    brokers.to(1_000);
    expect(brokers.log.slice(2)).toEqual([
      '10 connect b0:9092',
      '11 first failed: CONNECTION_FAILED',
      '111 connect b0:9092',
      '112 third failed: CONNECTION_FAILED',
      '112 second failed: CONNECTION_FAILED',
      '312 connect b0:9092',
      '313 Heartbeat to b0:9092',
      '314 fourth answered',
    ]);
  });

  it('back off together with the attempts at the same broker as a bootstrap one', () => {
    const { brokers, cluster } = start(() => metadata([0], healthy.topics));
    brokers.bootstrap = 'b0';
    brokers.to(10);
    brokers.down.add('b0:9092');
    brokers.cut('b0:9092');
    for (let ms = 20; ms < 60_000; ms += 70) {
      brokers.at(ms, () => cluster.invalidate());
      brokers.at(ms, () => brokers.watch('beat', cluster.ask(heartbeatApi, beat)));
      brokers.at(ms, () => brokers.watch('beat', cluster.link(0, 'fetch').request(heartbeatApi, beat, 1_000)));
    }
    brokers.to(60_000);
    const attempts = brokers.log.filter((line) => line.includes('connect')).map((line) => parseInt(line));
    const gaps = attempts.slice(2).map((at, index) => at - (attempts[index + 1] ?? 0));
    expect(gaps).toEqual([101, 201, 401, 801, 1_601, 3_201, 6_401, 10_001, 10_001, 10_001, 10_001].slice(0, gaps.length));
    expect(gaps.length).toBeGreaterThan(9);
  });

  it('that do not come about are given up after requestTimeout, since others wait for them', () => {
    const { brokers, cluster } = start(() => healthy, { requestTimeout: 1_000 });
    brokers.to(10);
    brokers.hung.add('b0:9092');
    brokers.watch('first', cluster.link(0, 'fetch').request(heartbeatApi, beat, 5_000));
    brokers.watch('second', cluster.link(0, 'join').request(heartbeatApi, beat, 5_000));
    brokers.to(2_000);
    expect(brokers.log.filter((line) => line.includes('failed'))).toEqual([
      '1010 second failed: CONNECTION_FAILED',
      '1010 first failed: CONNECTION_FAILED',
    ]);
  });

  it('are refused after close', () => {
    const { brokers, cluster } = start();
    brokers.to(10);
    const before = cluster.link(0, 'fetch');
    cluster.close();
    brokers.watch('before', before.request(heartbeatApi, beat, 1_000));
    brokers.watch('after', cluster.link(1, 'fetch').request(heartbeatApi, beat, 1_000));
    brokers.to(100);
    expect(brokers.log.filter((line) => line.includes('failed'))).toHaveLength(2);
    expect(brokers.log.some((line) => line.includes('connect b'))).toBe(true);
  });
});

function near(line: string): unknown {
  const [, rest = ''] = /^\d+ (.*)$/.exec(line) ?? [];
  return expect.stringContaining(rest);
}
