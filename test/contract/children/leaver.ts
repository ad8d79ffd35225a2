import { writeSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import process from 'node:process';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import kafkajs from 'kafkajs';
import { Subject, takeUntil } from 'rxjs';
import { processRecords } from '../../../operators/index.ts';
import { fromKafka } from '../../../src/index.ts';
import { kafkajsConnector } from '../../../src/transport/kafkajs/kafkajsConnector.ts';
import { startProxy } from '../../support/proxy.ts';
import { watched, type Side } from '../grounds/moments.ts';

/** What this process says of its end. */
export interface Farewell {
  /** From the unsubscription to the end of the process: ms. */
  readonly took: number;
  /** Rejections, exceptions and warnings. */
  readonly strange: readonly string[];
}

/**
 * Consumes, and unsubscribes at one moment: `before` or `after` the first of an API, of a connection (`Connect`, `Connect 4`: the fourth) or of a
 * phase of a handshake (`Tcp`, `Tls`, `Sasl`). The network is silent from then on if `silent` says so. Ends by itself or not at all.
 */
const [broker = '', topic = '', groupId = '', step = '', side = '', silent = '', closeTimeout = ''] = process.argv.slice(2);
const [host = '', port = ''] = broker.split(':');
const [name, nth = '1'] = step.split(' ');
const proxy = await startProxy({ host, to: Number(port), unref: true });
const stop = new Subject<void>();
const strange: string[] = [];
let unsubscribedAt: number | undefined;
let count = 0;

for (const kind of ['unhandledRejection', 'uncaughtException', 'warning'] as const) {
  process.on(kind, (what: unknown) => strange.push(`${kind}: ${String(what)}`));
}
process.on('exit', () => {
  const farewell: Farewell = { took: unsubscribedAt === undefined ? NaN : performance.now() - unsubscribedAt, strange };
  writeSync(1, JSON.stringify(farewell));
});
setTimeout(() => writeSync(2, `${step} ${side}: still there: ${process.getActiveResourcesInfo().join(' ')}\n`), 25_000).unref();

function at(what: string, when: Side): void {
  if (what !== name || when !== side) return;
  count++;
  if (count !== Number(nth)) return;
  if (silent === 'silent') proxy.swallow('both');
  unsubscribedAt = performance.now();
  stop.next();
}

const SASL_HANDSHAKE = 17;
const API_KEY = 4;

/** Whatever the address, all goes through the proxy. */
function socketFactory({ ssl, onConnect }: { readonly ssl: ConnectionOptions; readonly onConnect: () => void }): Socket {
  if (step === 'Tls') proxy.swallow('both');
  const address = { host: proxy.host, port: proxy.port };
  // kafkajs gives an empty `ssl` where there is to be none.
  const socket = step === 'Tls' ? connectTls({ ...ssl, ...address }, onConnect) : connectTcp(address, onConnect);
  if (step === 'Tcp') process.nextTick(at, 'Tcp', 'before');
  if (step === 'Tls') socket.once('connect', () => at('Tls', 'before'));
  const write = socket.write.bind(socket);
  if (step === 'Sasl') {
    socket.write = (bytes: Buffer, ...rest: never[]) => {
      if (bytes.readInt16BE(API_KEY) === SASL_HANDSHAKE) at('Sasl', 'before');
      return socket.destroyed || write(bytes, ...rest);
    };
  }
  return socket;
}

const kafka = new kafkajs.Kafka({
  brokers: [broker],
  logLevel: kafkajs.logLevel.NOTHING,
  socketFactory,
  ...(step === 'Sasl' && { sasl: { mechanism: 'plain', username: 'u', password: 'p' } }),
  ...(step === 'Tls' && { ssl: true }),
});
const connector = watched(kafkajsConnector(kafka), at);

fromKafka(connector, {
  groupId,
  topics: [topic],
  heartbeatInterval: 300,
  commit: { interval: 200 },
  closeTimeout: Number(closeTimeout),
})
  .pipe(
    processRecords(() => undefined),
    takeUntil(stop),
  )
  .subscribe({ error: (error: unknown) => strange.push(String(error)) });
