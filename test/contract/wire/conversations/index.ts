import type { Conversation } from '../kit/talk.ts';
import * as fetches from './fetch.ts';
import * as byId from './fetchById.ts';
import * as sessions from './fetchSessions.ts';
import * as committed from './groupOffsets.ts';
import * as committedById from './groupOffsetsById.ts';
import * as members from './groupMembers.ts';
import * as statics from './groupStatic.ts';
import * as metadata from './metadata.ts';
import * as offsets from './offsets.ts';
import { produced } from './produce.ts';
import * as transactions from './transactions.ts';

/** Every conversation by the name of its transcript. */
export const conversations: { readonly [name: string]: Conversation } = {
  'api-versions': metadata.apiVersions,
  'metadata-by-name': metadata.topicsByName,
  'metadata-by-id': metadata.topicsById,
  'metadata-versions': metadata.metadataVersions,
  'topics-created': metadata.creations,
  'list-offsets': offsets.listOffsets,
  'list-offsets-versions': offsets.listOffsetsVersions,
  'leader-epochs': offsets.leaderEpochs,
  'delete-records': offsets.deleteRecords,
  'fetch-positions': fetches.positions,
  'fetch-epochs': fetches.epochs,
  'fetch-sizes': fetches.sizes,
  'fetch-order': fetches.order,
  'fetch-long-polls': fetches.longPolls,
  'fetch-versions': fetches.versions,
  'fetch-codecs': fetches.codecs,
  'fetch-sessions': sessions.sessions,
  'fetch-sessions-over-deletion': sessions.sessionsOverDeletion,
  'fetch-by-id': byId.fetchesById,
  'fetch-by-id-over-deletion': byId.idsOverDeletion,
  produce: produced,
  'produce-idempotent': transactions.idempotence,
  'transactions-open': transactions.openTransactions,
  'transactions-aborted': transactions.abortedLists,
  'transactions-stable-end': transactions.stableEnd,
  'transactions-producer-ids': transactions.producerIds,
  'transactions-fencing': transactions.fencing,
  'transactions-of-version-2': transactions.transactionsOfTwo,
  'transactions-offsets': transactions.transactionalOffsets,
  'offsets-simple': committed.simpleCommits,
  'offsets-of-members': committed.memberCommits,
  'offsets-versions': committed.offsetVersions,
  'offsets-of-deleted-topics': committed.offsetsOfDeletedTopics,
  'offsets-by-id': committedById.offsetsById,
  'offsets-by-id-over-deletion': committedById.offsetsByIdOverDeletion,
  coordinators: committed.coordinators,
  'groups-described': committed.groupsDescribed,
  'group-one-member': members.oneMember,
  'group-bad-joins': members.badJoins,
  'group-protocols': members.protocols,
  'group-two-members': members.twoMembers,
  'group-leader-leaves': members.leaderLeaves,
  'group-joins-during-rebalance': members.joinsDuringRebalance,
  'group-leaves-during-rebalance': members.leavesDuringRebalance,
  'group-session-timeout': members.sessionTimeout,
  'group-rebalance-timeout': members.rebalanceTimeout,
  'group-versions': members.manyVersions,
  'static-follower-restarts': statics.followerRestarts,
  'static-follower-restarts-changed': statics.followerRestartsChanged,
  'static-leader-restarts': statics.leaderRestarts,
  'static-leaves': statics.staticLeaves,
  'static-session-ends': statics.staticSessionEnds,
  'static-between-join-and-sync': statics.staticBetweenJoinAndSync,
};
