import { describe, expect, it } from 'vitest';
import { ConnectionError, RequestTimeoutError } from '../../src/errors/index.ts';
import { codeOf, kafkaErrors } from '../../src/errors/table.ts';
import { faultOf, faultOfCode, GroupFault, remedies } from '../../src/group/errors.ts';

const apis = ['JoinGroup', 'SyncGroup', 'Heartbeat', 'OffsetCommit'] as const;

function row(name: string): readonly string[] {
  return apis.map((api) => faultOfCode(api, codeOf(name)).remedy);
}

describe('what an error of the group means', () => {
  it.each([
    ['COORDINATOR_LOAD_IN_PROGRESS', 'retry', 'retry', 'retry', 'retry'],
    ['COORDINATOR_NOT_AVAILABLE', 'retry', 'retry', 'retry', 'retry'],
    ['NOT_COORDINATOR', 'retry', 'retry', 'retry', 'retry'],
    ['UNKNOWN_SERVER_ERROR', 'retry', 'retry', 'retry', 'retry'],
    ['REQUEST_TIMED_OUT', 'retry', 'retry', 'retry', 'retry'],
    ['REBALANCE_IN_PROGRESS', 'retry', 'rebalance', 'rebalance', 'retry'],
    ['ILLEGAL_GENERATION', 'lostGeneration', 'lostGeneration', 'lostGeneration', 'lostGeneration'],
    ['UNKNOWN_MEMBER_ID', 'lostMember', 'lostMember', 'lostMember', 'lostMember'],
    ['FENCED_INSTANCE_ID', 'fenced', 'fenced', 'fenced', 'fenced'],
    ['GROUP_AUTHORIZATION_FAILED', 'fatal', 'fatal', 'fatal', 'fatal'],
    ['UNSUPPORTED_VERSION', 'fatal', 'fatal', 'fatal', 'fatal'],
  ])('%s: join %s, sync %s, heartbeat %s, commit %s', (name, ...expected) => {
    expect(row(name)).toEqual(expected);
  });

  it('names only errors that Kafka has', () => {
    const names = new Set([...kafkaErrors.values()].map(({ name }) => name));
    expect(Object.keys(remedies).filter((name) => !names.has(name))).toEqual([]);
  });

  it.each([
    'GROUP_AUTHORIZATION_FAILED',
    'INCONSISTENT_GROUP_PROTOCOL',
    'INVALID_SESSION_TIMEOUT',
    'GROUP_MAX_SIZE_REACHED',
    'INVALID_GROUP_ID',
  ])('%s says what to do', (name) => {
    expect(faultOfCode('JoinGroup', codeOf(name)).error).toMatchObject({
      code: name,
      retriable: false,
      advice: expect.stringMatching(/\w{3,}/) as string,
    });
  });

  it('retries what a connection does, and ends with what is a defect', () => {
    expect(faultOf('JoinGroup', new ConnectionError('CONNECTION_LOST', 'gone')).remedy).toBe('retry');
    expect(faultOf('JoinGroup', new RequestTimeoutError('JoinGroup', 1)).remedy).toBe('retry');
    expect(faultOf('JoinGroup', new ConnectionError('TLS_FAILED', 'self signed')).remedy).toBe('fatal');
    expect(faultOf('JoinGroup', new TypeError('a defect'))).toMatchObject({ remedy: 'fatal', error: new TypeError('a defect') });
    expect(faultOf('JoinGroup', 'a string').error).toBeInstanceOf(Error);
  });

  it('keeps a fault as it is', () => {
    const fault = new GroupFault('Heartbeat', 'lostMember', new Error('gone'));
    expect(faultOf('JoinGroup', fault)).toBe(fault);
  });
});
