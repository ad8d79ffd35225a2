import type { Bug } from './bug.ts';

/** Those that are about positions, and about what brokers remember of them. */
export const positionBugs: readonly Bug[] = [
  {
    name: 'differenceFromTheCursor',
    what: 'What a fetch session knows is taken from the cursors when the answer is there, and not from what was said: where the answer has moved a position, the broker goes on at the old one.',
    file: 'src/fetch/fetchLoop.ts',
    replace: [
      ["import type { FetchSettings } from './request.ts';\n", "import { askedOf, type FetchSettings } from './request.ts';\n"],
      [
        'afterAnswer(round.step, round.sessionId)',
        `afterAnswer(
        {
          ...round.step,
          told: new Map(
            [...round.step.told].map(([key, asked]) => {
              const cursor = table.find(asked.topic, asked.partition.partition);
              return [key, cursor === undefined ? asked : askedOf(cursor, settings.maxPartitionBytes)];
            }),
          ),
        },
        round.sessionId,
      )`,
      ],
    ],
    marble: 'marbles/sessions.test.ts > a position that has moved is said again, and only that',
  },
  {
    name: 'forgottenLeftInSession',
    what: 'What is not asked for any more is not taken out of the fetch session: the broker goes on sending it.',
    file: 'src/fetch/session.ts',
    replace: [['[...session.told].filter(([key]) => !told.has(key)) : []', '[...session.told].slice(0, 0) : []']],
    marble:
      'marbles/hand.pause.test.ts > a long pause gives up what is buffered: who goes on gets the room; at resume it is fetched from where it is, and nothing comes twice',
  },
  {
    name: 'sessionKeptAfterFailure',
    what: 'A fetch session goes on after a request of which nobody knows what the broker made.',
    file: 'src/fetch/fetchLoop.ts',
    replace: [['    kept.session = afterFailure(kept.session);\n', '']],
    marble: 'marbles/sessions.test.ts > a session that the broker has dropped costs one back-off, and no record',
  },
  {
    name: 'divergingEpochIgnored',
    what: 'A broker that says where its log parts from what was read is not heard: what is new in it is passed over, or waited for without end.',
    file: 'src/fetch/verdict.ts',
    replace: [["    if (header.divergingEpoch.endOffset >= 0) return 'diverged';\n", '']],
    marble: 'marbles/truncation.test.ts > what is not acked is delivered again with it',
  },
  {
    name: 'followerBelieved',
    what: 'A follower that lags behind is believed that the log was cut, or that the position is out of it.',
    file: 'src/fetch/acceptHeader.ts',
    replace: [
      [
        '  if (ask.ofFollower) {\n    backToLeader(ask, error, to);\n    return true;\n  }\n  if (topic',
        '  if (ask.ofFollower) to.table.backToLeader(ask.cursor, 0);\n  if (ask.ofFollower || topic',
      ],
    ],
    marble: 'marbles/replica.test.ts > a follower that says out of range is no reason to reset: the leader has it',
  },
  {
    name: 'committedByName',
    what: 'Offsets are committed by the names of topics: one that was read of a deleted topic is committed for the next of its name.',
    file: 'src/protocol/apis/offsetCommit.ts',
    replace: [['versions: [2, IDS_SINCE]', 'versions: [2, IDS_SINCE - 1]']],
    marble: 'none',
  },
  {
    name: 'replicaKept',
    what: 'A follower is read on when it fails, for as long as the leader has named it.',
    file: 'src/fetch/acceptance.ts',
    replace: [
      [
        '  if (route.replica !== row.nodeId) return;\n  table.backToLeader(cursor, context.scheduler.now() + context.metadataMaxAge);\n',
        '  if (route.replica !== row.nodeId) return;\n  route.failed(context.scheduler.now() + context.backoff.initial);\n',
      ],
    ],
    marble: 'marbles/replica.test.ts > bytes of a follower that are none are asked of the leader',
  },
];
