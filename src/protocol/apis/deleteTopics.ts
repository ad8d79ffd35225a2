import type { Api } from '../api.ts';
import { api, between, since, struct } from '../schema.ts';
import { array, int16, int32, nullable, string, uuid } from '../types.ts';

/** The end of topics. */
export interface DeleteTopicsRequest {
  /** From version 6 on. */
  readonly topics: readonly DeleteTopicState[];
  /** Until version 5. */
  readonly topicNames: readonly string[];
  readonly timeoutMs: number;
}

/** A topic by its name or by its id. */
export interface DeleteTopicState {
  readonly name: string | null;
  readonly topicId: string;
}

export interface DeleteTopicsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly DeletableTopicResult[];
}

export interface DeletableTopicResult {
  readonly name: string | null;
  readonly topicId: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export const deleteTopicsApi: Api<DeleteTopicsRequest, DeleteTopicsResponse> = api({
  name: 'DeleteTopics',
  key: 20,
  versions: [1, 6],
  flexible: 4,
  request: struct<DeleteTopicsRequest>({
    topics: since(6, array(struct<DeleteTopicState>({ name: since(6, nullable(string), null), topicId: since(6, uuid) }))),
    topicNames: between(0, 5, array(string)),
    timeoutMs: since(0, int32),
  }),
  response: struct<DeleteTopicsResponse>({
    throttleTimeMs: since(1, int32),
    responses: since(
      0,
      array(
        struct<DeletableTopicResult>({
          name: since(0, nullable(string, 6)),
          topicId: since(6, uuid),
          errorCode: since(0, int16),
          errorMessage: since(5, nullable(string), null),
        }),
      ),
    ),
  }),
});
