import type { Api } from '../../protocol/api.ts';
import type { ClusterModel } from './clusterModel.ts';
import type { Reply } from './reply.ts';

/** One request as it arrives at a broker. */
export interface Call<Q> {
  readonly cluster: ClusterModel;
  /** The broker that it arrived at. */
  readonly node: number;
  readonly version: number;
  readonly request: Q;
  /** Ms on the cluster's clock. */
  readonly now: number;
  readonly clientId: string;
  /**
   * Kafka's name of the error that the script wants this request to be answered with, for a partition of it where one is given, else for the whole;
   * undefined: none. It is answered instead of serving: nothing changes.
   */
  readonly refusal: (topic?: string, partition?: number) => string | undefined;
}

/** What a broker does with the requests of one API. */
export type Service<Q, R> = (call: Call<Q>) => Reply<R>;

/** An API that the cluster speaks. */
export interface Served {
  readonly api: Api<unknown, unknown>;
  readonly service: Service<unknown, unknown>;
}

/** Ties an API to what serves it. */
export function served<Q, R>(api: Api<Q, R>, service: Service<Q, R>): Served {
  return { api, service: service as Service<unknown, unknown> };
}
