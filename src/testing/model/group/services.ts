import { deleteGroupsApi } from '../../../protocol/apis/deleteGroups.ts';
import { describeGroupsApi } from '../../../protocol/apis/describeGroups.ts';
import { findCoordinatorApi } from '../../../protocol/apis/findCoordinator.ts';
import { heartbeatApi } from '../../../protocol/apis/heartbeat.ts';
import { joinGroupApi } from '../../../protocol/apis/joinGroup.ts';
import { leaveGroupApi } from '../../../protocol/apis/leaveGroup.ts';
import { listGroupsApi } from '../../../protocol/apis/listGroups.ts';
import { offsetCommitApi } from '../../../protocol/apis/offsetCommit.ts';
import { offsetDeleteApi } from '../../../protocol/apis/offsetDelete.ts';
import { offsetFetchApi } from '../../../protocol/apis/offsetFetch.ts';
import { syncGroupApi } from '../../../protocol/apis/syncGroup.ts';
import { served, type Served } from '../call.ts';
import { deleteGroups } from './deleteGroups.ts';
import { describeGroups } from './describeGroups.ts';
import { findCoordinator } from './findCoordinator.ts';
import { heartbeat } from './heartbeat.ts';
import { joinGroup } from './joinGroup.ts';
import { leaveGroup } from './leaveGroup.ts';
import { listGroups } from './listGroups.ts';
import { offsetCommit } from './offsetCommit.ts';
import { offsetDelete } from './offsetDelete.ts';
import { offsetFetch } from './offsetFetch.ts';
import { syncGroup } from './syncGroup.ts';

/** What the coordinator of groups serves. */
export const groupServices: readonly Served[] = [
  served(findCoordinatorApi, findCoordinator),
  served(joinGroupApi, joinGroup),
  served(syncGroupApi, syncGroup),
  served(heartbeatApi, heartbeat),
  served(leaveGroupApi, leaveGroup),
  served(offsetCommitApi, offsetCommit),
  served(offsetFetchApi, offsetFetch),
  served(describeGroupsApi, describeGroups),
  served(listGroupsApi, listGroups),
  served(deleteGroupsApi, deleteGroups),
  served(offsetDeleteApi, offsetDelete),
];
