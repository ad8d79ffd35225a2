import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import type { Api, Schema } from '../../../../src/protocol/api.ts';
import { Reader } from '../../../../src/protocol/reader.ts';
import { Writer } from '../../../../src/protocol/writer.ts';
import { newBrokers, standardSettings } from '../../../../src/testing/model/brokers.ts';
import type { Call } from '../../../../src/testing/model/call.ts';
import { ClusterModel, type BrokerSettings } from '../../../../src/testing/model/clusterModel.ts';
import { services } from '../../../../src/testing/model/services.ts';

export function newCluster(brokers: number | readonly (string | null)[] = 1, settings: Partial<BrokerSettings> = {}): ClusterModel {
  return new ClusterModel(newBrokers(brokers), { ...standardSettings, ...settings });
}

export interface Asking {
  /** Default: the highest that the API has. */
  readonly version?: number;
  /** 1. */
  readonly node?: number;
  /** 0. */
  readonly now?: number;
  readonly refusal?: Call<unknown>['refusal'];
}

/** What the broker answers. Request and answer go over the wire, so that both can be written in that version. */
export function ask<Q, R>(cluster: ClusterModel, api: Api<Q, R>, request: Q, asking: Asking = {}): R {
  const { version = api.versions[1], node = 1, now = 0, refusal = () => undefined } = asking;
  const served = services.get(api.key);
  if (served === undefined) throw new Error(`nobody serves ${api.name}`);
  cluster.tick(now);
  const reply = served.service({ cluster, node, version, request: through(api.request, request, version), now, clientId: 'test', refusal });
  if (reply.kind !== 'now') throw new Error(`${api.name} is not answered at once`);
  return through(api.response, reply.response as R, version);
}

function through<T>(schema: Schema<T>, value: T, version: number): T {
  const writer = new Writer();
  schema.write(writer, value, version);
  const reader = new Reader(writer.finish());
  const read = schema.read(reader, version);
  if (reader.remaining > 0) throw new Error(`${String(reader.remaining)} bytes are left`);
  return read;
}

/** Kafka's name for a code. */
export function nameOf(code: number | undefined): string {
  return code === undefined ? 'nothing' : kafkaErrorOf(code).name;
}
