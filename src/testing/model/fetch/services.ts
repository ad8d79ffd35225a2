import { deleteRecordsApi, fetchApiAll, produceApi } from '../../../protocol/apis/forTesting.ts';
import { listOffsetsApi, offsetForLeaderEpochApi } from '../../../protocol/apis/index.ts';
import { served, type Served } from '../call.ts';
import { deleteRecords } from './deleteRecords.ts';
import { fetch } from './fetch.ts';
import { listOffsets } from './listOffsets.ts';
import { offsetForLeaderEpoch } from './offsetForLeaderEpoch.ts';
import { produce } from './produce.ts';

/** What brokers do with the logs of partitions. */
export const fetchServices: readonly Served[] = [
  served(fetchApiAll, fetch),
  served(listOffsetsApi, listOffsets),
  served(offsetForLeaderEpochApi, offsetForLeaderEpoch),
  served(produceApi, produce),
  served(deleteRecordsApi, deleteRecords),
];
