import { apiVersionsApi } from '../../../protocol/apis/apiVersions.ts';
import { createPartitionsApi } from '../../../protocol/apis/createPartitions.ts';
import { createTopicsApi } from '../../../protocol/apis/createTopics.ts';
import { deleteTopicsApi } from '../../../protocol/apis/deleteTopics.ts';
import { metadataApi } from '../../../protocol/apis/metadata.ts';
import { served, type Served } from '../call.ts';
import { apiVersions } from './apiVersions.ts';
import { createPartitions } from './createPartitions.ts';
import { createTopics } from './createTopics.ts';
import { deleteTopics } from './deleteTopics.ts';
import { metadata } from './metadata.ts';

export const adminServices: readonly Served[] = [
  served(apiVersionsApi, apiVersions),
  served(metadataApi, metadata),
  served(createTopicsApi, createTopics),
  served(deleteTopicsApi, deleteTopics),
  served(createPartitionsApi, createPartitions),
];
