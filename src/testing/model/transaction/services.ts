import { addOffsetsToTxnApi } from '../../../protocol/apis/addOffsetsToTxn.ts';
import { addPartitionsToTxnApi } from '../../../protocol/apis/addPartitionsToTxn.ts';
import { endTxnApi } from '../../../protocol/apis/endTxn.ts';
import { initProducerIdApi } from '../../../protocol/apis/initProducerId.ts';
import { txnOffsetCommitApi } from '../../../protocol/apis/txnOffsetCommit.ts';
import { served, type Served } from '../call.ts';
import { addOffsetsToTxn } from './addOffsetsToTxn.ts';
import { addPartitionsToTxn } from './addPartitionsToTxn.ts';
import { endTxn } from './endTxn.ts';
import { initProducerId } from './initProducerId.ts';
import { txnOffsetCommit } from './txnOffsetCommit.ts';

export const transactionServices: readonly Served[] = [
  served(initProducerIdApi, initProducerId),
  served(addPartitionsToTxnApi, addPartitionsToTxn),
  served(addOffsetsToTxnApi, addOffsetsToTxn),
  served(endTxnApi, endTxn),
  served(txnOffsetCommitApi, txnOffsetCommit),
];
