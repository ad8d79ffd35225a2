import { FetchSessions } from './fetch/sessions.ts';
import type { Broker, BrokerSettings } from './clusterModel.ts';

const PORT = 9092;

/** `b1`: what a broker is called, and where it listens. */
export function nameOf(node: number): string {
  return `b${String(node)}`;
}

/** Brokers 1, 2, …: so many, or one in each of these racks. */
export function newBrokers(brokers: number | readonly (string | null)[]): readonly Broker[] {
  const racks = typeof brokers === 'number' ? Array.from({ length: brokers }, () => null) : brokers;
  return racks.map((rack, index): Broker => {
    const id = index + 1;
    return { id, host: nameOf(id), port: PORT, rack, up: true, sessions: new FetchSessions(), staleTopics: undefined };
  });
}

export const standardSettings: BrokerSettings = {
  kafka: '4.3',
  groupInitialRebalanceDelay: 0,
  groupMinSessionTimeout: 6_000,
  groupMaxSessionTimeout: 1_800_000,
  fetchSessionSlots: 1_000,
  autoCreateTopics: false,
  rackAware: false,
};
