import { cooperativeSticky } from '../group/assignors/cooperativeSticky.ts';
import type { Assignor } from '../group/assignor.ts';
import { partitionKey } from '../model/topicPartition.ts';
import { MAX_INT32, boolean, integer, milliseconds, text, wholeMilliseconds } from './checks.ts';
import { Fields } from './fields.ts';
import { readPosition } from './positions.ts';
import type { Report } from './report.ts';
import type { GroupMode, ManualMode } from './settings.ts';
import { assignor, isRecord } from './shapes.ts';
import { readTopics, topicName } from './topics.ts';
import type { ManualPartition } from './types.ts';

const ofMembers = [
  'topics',
  'instanceId',
  'leaveOnClose',
  'assignors',
  'rackId',
  'sessionTimeout',
  'heartbeatInterval',
  'rebalanceTimeout',
] as const;

/** Who says which partitions: a group, or the user. */
export function readMode(fields: Fields, report: Report): GroupMode | ManualMode {
  const partitions = fields.raw('partitions');
  return partitions === undefined ? readGroup(fields, report) : readManual(fields, partitions, report);
}

function readGroup(fields: Fields, report: Report): GroupMode {
  const groupId = fields.required('groupId', text) ?? '';
  const selected = readTopics(fields, report);
  const instanceId = fields.optional('instanceId', text);
  const rackId = fields.optional('rackId', text);
  const sessionTimeout = fields.value('sessionTimeout', wholeMilliseconds({ min: 1 }), 45_000);
  const often = Math.max(1, Math.min(3_000, Math.floor(sessionTimeout / 3)));
  const heartbeatInterval = fields.value('heartbeatInterval', milliseconds({ min: 1 }), often);
  if (fields.has('heartbeatInterval') && heartbeatInterval >= sessionTimeout) {
    fields.refuse('heartbeatInterval', `less than sessionTimeout, which is ${String(sessionTimeout)}`);
  }
  return Object.freeze({
    kind: 'group',
    groupId,
    ...selected,
    ...(instanceId !== undefined && { instanceId }),
    leaveOnClose: fields.value('leaveOnClose', boolean, instanceId === undefined),
    assignors: readAssignors(fields, report),
    ...(rackId !== undefined && { rackId }),
    sessionTimeout,
    heartbeatInterval,
    // The request for it waits 5 s longer.
    rebalanceTimeout: fields.value('rebalanceTimeout', wholeMilliseconds({ min: 1, max: MAX_INT32 - 5_000 }), 60_000),
  });
}

function readAssignors(fields: Fields, report: Report): readonly Assignor[] {
  const given = fields.raw('assignors');
  if (given === undefined) return Object.freeze([cooperativeSticky]);
  if (!Array.isArray(given) || given.length === 0) {
    fields.refuse('assignors', 'an array of at least one assignor');
    return [];
  }
  const all: readonly unknown[] = given;
  const assignors: Assignor[] = [];
  all.forEach((one, index) => {
    const path = `assignors[${String(index)}]`;
    if (!assignor.accepts(one)) report.refuse(path, one, assignor.allowed);
    else if (assignors.some(({ name }) => name === one.name)) report.refuse(`${path}.name`, one.name, 'each name once');
    else assignors.push(one);
  });
  return Object.freeze(assignors);
}

function readManual(fields: Fields, given: unknown, report: Report): ManualMode {
  for (const name of ofMembers) {
    fields.raw(name);
    if (fields.has(name)) fields.refuse(name, 'with groupId and topics only, not with partitions');
  }
  const groupId = fields.optional('groupId', text);
  const partitions: ManualPartition[] = [];
  const seen = new Set<string>();
  if (!Array.isArray(given) || given.length === 0) fields.refuse('partitions', 'an array of at least one { topic, partition }');
  else {
    const all: readonly unknown[] = given;
    all.forEach((one, index) => {
      const path = `partitions[${String(index)}]`;
      const partition = readPartition(one, path, report);
      if (partition === undefined) return;
      const { topic, partition: number } = partition;
      if (seen.has(partitionKey(topic, number))) report.refuse(path, partitionKey(topic, number), 'each partition once');
      seen.add(partitionKey(topic, number));
      partitions.push(partition);
    });
  }
  return Object.freeze({ kind: 'manual', partitions: Object.freeze(partitions), ...(groupId !== undefined && { groupId }) });
}

/** One of `partitions`; undefined if it does not say which. */
function readPartition(given: unknown, path: string, report: Report): ManualPartition | undefined {
  const fields = new Fields(given ?? null, path, report);
  if (!isRecord(given)) return undefined;
  const topic = fields.required('topic', topicName);
  const partition = fields.required('partition', integer({ min: 0 }));
  const startFrom = readPosition(fields.raw('startFrom'), fields.pathOf('startFrom'), report);
  fields.close();
  if (topic === undefined || partition === undefined) return undefined;
  return Object.freeze({ topic, partition, ...(startFrom !== undefined && { startFrom }) });
}
