import { partitionKey } from '../../../src/model/topicPartition.ts';
import type { NodeEndpoint } from '../../../src/protocol/apis/fetch.ts';
import type { MetadataResponse } from '../../../src/protocol/apis/metadata.ts';
import { leaderEpochsOf, leadersOf } from './codes.ts';

/** So many tellings of who leads a partition count: a broker that lags behind tells of an earlier one, which is not believed. */
const REMEMBERED = 3;

/** What one consumer was told of the cluster. */
export class ToldOfCluster {
  /** When it was last told all, ms. */
  at: number = -Infinity;
  /** Who leads each partition, by what it was told last: `host:port`. */
  readonly leaders: Map<string, string | undefined> = new Map();
  /** So many times it was told of another leader of something, of none, or of another epoch; and which of them was the last for each partition. */
  moves = 0;
  readonly moved: Map<string, number> = new Map();
  private readonly epochs = new Map<string, number>();
  private readonly lately = new Map<string, string[]>();
  /** Leaders that were named by a node that is not known yet. */
  private unknown: (readonly [key: string, nodeId: number])[] = [];
  private readonly nodes = new Map<number, string>();
  private readonly ids = new Map<string, string>();
  private readonly renamed = new Set<string>();

  metadata(response: MetadataResponse, at: number): void {
    this.at = at;
    for (const { nodeId, host, port } of response.brokers) this.nodes.set(nodeId, `${host}:${String(port)}`);
    for (const { name, topicId } of response.topics) {
      if (name === null || /^0*$/.test(topicId)) continue;
      if (this.ids.has(name) && this.ids.get(name) !== topicId) this.renamed.add(name);
      this.ids.set(name, topicId);
    }
    const epochs = leaderEpochsOf(response);
    for (const [key, leader] of leadersOf(response)) {
      const epoch = epochs.get(key) ?? -1;
      if (this.leaders.get(key) !== leader || this.epochs.get(key) !== epoch) this.moved.set(key, ++this.moves);
      this.epochs.set(key, epoch);
      this.leaders.set(key, leader);
      if (leader !== undefined) this.leads(key, leader);
    }
  }

  /** A broker that is asked in vain says who leads (KIP-951). */
  hint(topic: string, partition: number, leaderId: number): void {
    const leader = this.nodes.get(leaderId);
    if (leader !== undefined) this.leads(partitionKey(topic, partition), leader);
    else if (leaderId >= 0) this.unknown.push([partitionKey(topic, partition), leaderId]);
  }

  endpoints(nodes: readonly NodeEndpoint[]): void {
    for (const { nodeId, host, port } of nodes) this.nodes.set(nodeId, `${host}:${String(port)}`);
    for (const [key, nodeId] of this.unknown) {
      const leader = this.nodes.get(nodeId);
      if (leader !== undefined) this.leads(key, leader);
    }
    this.unknown = [];
  }

  addressOf(nodeId: number): string | undefined {
    return this.nodes.get(nodeId);
  }

  /** Of the topic that has that name, as far as it knows; undefined: it was told none. */
  idOf(topic: string): string | undefined {
    return this.ids.get(topic);
  }

  /** Whether it was told of several topics of that name: of which of them it has streams is not seen. */
  isRenamed(topic: string): boolean {
    return this.renamed.has(topic);
  }

  /** Whether it was told, lately, that this one leads. */
  isLeader(key: string, broker: string): boolean {
    return this.lately.get(key)?.includes(broker) === true;
  }

  private leads(key: string, leader: string): void {
    const before = this.lately.get(key) ?? [];
    if (before[0] !== leader) this.lately.set(key, [leader, ...before].slice(0, REMEMBERED));
  }
}
