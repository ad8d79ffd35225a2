import { throwError, type Observable } from 'rxjs';
import { ConnectionError } from '../errors/index.ts';
import { createGate, type Gate } from '../transport/health.ts';
import { createLink, type Link } from '../transport/link.ts';
import type { BrokerAddress } from '../transport/port.ts';
import { backoffDelay } from './backoff.ts';
import type { Context } from './context.ts';
import type { Purpose } from './ports.ts';

/** The connections of one consumer, by broker and purpose. */
export interface Links {
  /** The same one each time, until the broker moves or goes. `told`: where it is if it is not listed. */
  readonly link: (nodeId: number, purpose: Purpose, told?: BrokerAddress) => Link;
  /** The brokers that metadata lists. Closes the links to those that are gone, or listen elsewhere now: what is under way on them errors, retriable. */
  readonly update: (brokers: ReadonlyMap<number, BrokerAddress>) => void;
  readonly close: () => void;
}

interface Entry {
  readonly nodeId: number;
  readonly address: BrokerAddress;
  readonly link: Link;
}

export function createLinks(context: Context): Links {
  const entries = new Map<string, Entry>();
  const gateOf = createGates(context);
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

/** By address: the purposes of one broker back off together, and a broker that moved begins anew. */
function createGates({ scheduler, backoff, random }: Context): (broker: string) => Gate {
  const gates = new Map<string, Gate>();
  return (broker) => {
    const gate = gates.get(broker) ?? createGate(scheduler, (failures) => backoffDelay(backoff, failures, random));
    gates.set(broker, gate);
    return gate;
  };
}

function openLink(context: Context, address: BrokerAddress, gateOf: (broker: string) => Gate): Link {
  const { connector, scheduler, tell } = context;
  const { host, port } = address;
  const broker = `${host}:${String(port)}`;
  return createLink({
    address,
    connect: () => connector.connect(address),
    scheduler,
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

function isSame(a: BrokerAddress, b: BrokerAddress): boolean {
  return a.host === b.host && a.port === b.port;
}
