import { throwError, type Observable } from 'rxjs';
import { ConnectionError } from '../errors/index.ts';
import { createLink, type GatedLink, type Link } from '../transport/link.ts';
import type { BrokerAddress } from '../transport/port.ts';
import type { Context } from './context.ts';
import { connectTimeout, type Gates } from './gates.ts';
import type { Purpose } from './ports.ts';

/** The connections of one consumer, by broker and purpose. */
export interface Links {
  /** The same one each time, until the broker moves or goes. `told`: where it is if it is not listed. */
  readonly link: (nodeId: number, purpose: Purpose, told?: BrokerAddress) => Link;
  /** Milliseconds that a request over that link would wait because the broker backs off; Infinity: until somebody else's attempt at it has an outcome. */
  readonly wait: (nodeId: number, purpose: Purpose) => number;
  /** The brokers that metadata lists. Closes the links to those that are gone, or listen elsewhere now: what is under way on them errors, retriable. */
  readonly update: (brokers: ReadonlyMap<number, BrokerAddress>) => void;
  readonly close: () => void;
}

interface Entry {
  readonly nodeId: number;
  readonly address: BrokerAddress;
  readonly link: GatedLink;
}

export function createLinks(context: Context, gateOf: Gates): Links {
  const entries = new Map<string, Entry>();
  let listed: ReadonlyMap<number, BrokerAddress> = new Map();
  let closed = false;

  const remove = (key: string, entry: Entry): void => {
    entries.delete(key);
    entry.link.close();
  };

  return {
    link(nodeId, purpose, told) {
      const address = listed.get(nodeId) ?? told;
      const key = `${String(nodeId)} ${purpose}`;
      const entry = entries.get(key);
      if (entry !== undefined && (address === undefined || isSame(entry.address, address))) return entry.link;
      if (closed || address === undefined) return noLink(nodeId, closed);
      if (entry !== undefined) remove(key, entry);
      const link = openLink(context, address, gateOf);
      entries.set(key, { nodeId, address, link });
      return link;
    },
    wait(nodeId, purpose) {
      const entry = entries.get(`${String(nodeId)} ${purpose}`);
      if (entry !== undefined) return entry.link.wait();
      const address = listed.get(nodeId);
      return address === undefined ? 0 : gateOf(nameOf(address)).wait();
    },
    update(brokers) {
      const before = listed;
      listed = brokers;
      for (const [key, entry] of [...entries]) {
        const now = brokers.get(entry.nodeId);
        // A coordinator may be found before metadata lists it: one that was never listed is not gone.
        if (now === undefined ? before.has(entry.nodeId) : !isSame(entry.address, now)) remove(key, entry);
      }
    },
    close() {
      closed = true;
      for (const [key, entry] of [...entries]) remove(key, entry);
    },
  };
}

function openLink(context: Context, address: BrokerAddress, gateOf: Gates): GatedLink {
  const { connector, scheduler, tell } = context;
  const { host, port } = address;
  const broker = nameOf(address);
  return createLink({
    address,
    connect: () => connector.connect(address),
    scheduler,
    connectTimeout: connectTimeout(context),
    gate: gateOf(broker),
    opened: () => tell({ kind: 'connected', broker, host, port }),
    closed: (error) => tell({ kind: 'disconnected', broker, host, port, ...(error !== undefined && { error }) }),
  });
}

function noLink(nodeId: number, closed: boolean): Link {
  const why = closed ? 'the consumer is closed' : 'it is not among the brokers of the cluster';
  const refuse = (): Observable<never> =>
    throwError(() => new ConnectionError('CONNECTION_FAILED', `no connection to broker ${String(nodeId)}: ${why}`));
  return { broker: `broker ${String(nodeId)}`, request: refuse, fetch: refuse, close: () => undefined };
}

function nameOf({ host, port }: BrokerAddress): string {
  return `${host}:${String(port)}`;
}

function isSame(a: BrokerAddress, b: BrokerAddress): boolean {
  return a.host === b.host && a.port === b.port;
}
