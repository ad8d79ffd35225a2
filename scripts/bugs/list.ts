import type { Bug } from './bug.ts';
import { positionBugs } from './positionBugs.ts';

/** Bugs that consumers have had, or that this one nearly had. */
export const bugs: readonly Bug[] = [
  ...positionBugs,
  {
    name: 'retryResetDropped',
    what: 'The back-off does not start anew after a success: sooner or later each failure costs the longest one.',
    file: 'src/fetch/round.ts',
    replace: [['    this.row.failures = 0;\n', '']],
    marble: 'marbles/backoff.test.ts > failing fetches are further and further apart, up to backoff.max; a success resets that',
  },
  {
    name: 'retryCounted',
    what: 'Retries are counted over a whole life: the fourth broken connection ends the consumer.',
    file: 'src/fetch/fetchLoop.ts',
    replace: [['    retry({ delay: (error: unknown)', '    retry({ count: 3, delay: (error: unknown)']],
    marble: 'marbles/silence.test.ts > a leader that is away for 30 s is said for each of its partitions; its return as well',
  },
  {
    name: 'epochCheckForgotten',
    what: 'An answer counts whatever became of its partition meanwhile: a seek, a new leader.',
    file: 'src/fetch/round.ts',
    replace: [['cursor.route.round === this.round && cursor.positionEpoch === this.positionEpoch && ', '']],
    marble: 'marbles/leader.test.ts > the answer to what was asked before a seek is stale: no hole opens behind the new position',
  },
  {
    name: 'positionCommitted',
    what: 'The position is committed, and not what was acked: a crash loses what was being worked on.',
    file: 'src/table/cursor.ts',
    replace: [['return this.held.lowestOutstanding ?? this.position;', 'return this.position;']],
    marble: 'marbles/commit.test.ts > acks out of order are committed when the one before them has come, at the latest an interval later',
  },
  {
    name: 'cancellationSwallowed',
    what: 'An unsubscription of a stream does not get through: it counts as read for ever, and the next subscriber is refused.',
    file: 'src/consumer/pump.ts',
    replace: [['      delivery.detach();\n', '']],
    marble: 'marbles/redelivery.test.ts > a restart begins at the lowest record that is not acked, and skips acked ones',
  },
  {
    name: 'askedForAfterFailure',
    what: 'A round that failed leaves its partitions asked for, though nobody asks for them any more.',
    file: 'src/fetch/round.ts',
    replace: [['      if (cursor.route.round === this) cursor.route.release();\n', '']],
    marble: 'marbles/backoff.test.ts > a broken connection is a failed fetch: its partitions are free again when the back-off is over',
  },
  {
    name: 'resetOnTimeout',
    what: 'An OffsetFetch that fails is taken for a group without commits: reading starts at the beginning.',
    file: 'src/offsets/committedLoop.ts',
    replace: [
      [
        "for (const cursor of current()) setBack(cursor, 'OffsetFetch', error, context);",
        "for (const cursor of current()) if (cursor.state.kind === 'locating' && cursor.state.target.kind === 'committed') begin(cursor, cursor.state.target.otherwise, context);",
      ],
    ],
    marble:
      'marbles/offsets.lookUp.test.ts > what the group has committed is asked for again, further and further apart, while its coordinator cannot say',
  },
  {
    name: 'wakeUpLostOnAck',
    what: 'An ack makes room in the window, and delivery is not told.',
    file: 'src/table/cursor.ts',
    replace: [["    if (this.delivery.hold === 'window') this.line.wake();\n", '']],
    marble: 'marbles/window.test.ts > no more than window.records are delivered and un-acked; each ack lets exactly one more through',
  },
  {
    name: 'wakeUpLostOnResume',
    what: 'The last pause is given back, and delivery is not told.',
    file: 'src/consumer/partitionStream.ts',
    replace: [['        if (cursor.delivery.pauses === 0) cursor.line.wake();\n', '']],
    marble:
      'marbles/window.test.ts > a pause stops delivery before the next record, until the last of its holders lets go; fetching goes on',
  },
  {
    name: 'wakeUpLostOnSubscribe',
    what: 'A stream is subscribed, and the loop that fetches is not told: it finds out when it looks at the clock.',
    file: 'src/table/cursor.ts',
    replace: [['      host.attendanceChanged();\n      host.demandChanged(this);\n', '      host.attendanceChanged();\n']],
    marble:
      'marbles/bugs.test.ts > a wake-up on subscribe: who subscribes again is fetched for at once, not when the clock is looked at next',
  },
  {
    name: 'staleGeneration',
    what: 'Commits are made under the generation of the first assignment for ever.',
    file: 'src/offsets/commitRounds.ts',
    replace: [
      ['  const { membership } = table;\n', '  const membership = ((table as { stale?: Membership }).stale ??= table.membership);\n'],
    ],
    marble: 'marbles/bugs.test.ts > a commit is made under the generation that holds when it is sent, and under no earlier one',
  },
  {
    name: 'holeAfterResubscription',
    what: 'Who subscribes again goes on behind the batches that were delivered, acked or not.',
    file: 'src/table/held.ts',
    replace: [['    this.at = this.first;\n    this.records = 0;', '    this.records = 0;']],
    marble: 'marbles/text.test.ts > text marbles > marbles/text/aRecordFails.txt',
  },
  {
    name: 'suspensionIgnored',
    what: 'Records are delivered though the session is over by our own clock: somebody else may have them by now.',
    file: 'src/consumer/pump.ts',
    replace: [['    return now >= this.table.sessionEnds && !this.cursor.over;', '    return false && now >= this.table.sessionEnds;']],
    marble:
      'marbles/group.test.ts > while the session is over by our own clock nothing is delivered; nothing is given up, and with the first answer it goes on',
  },
  {
    name: 'abortMarkerForgotten',
    what: 'A producer that has aborted once counts as aborting for ever: what it commits later is not delivered.',
    file: 'src/fetch/aborted.ts',
    replace: [
      ["      if (this.aborting.has(batch.producerId) && controlType(batch) === 'abort') this.aborting.delete(batch.producerId);\n", ''],
    ],
    marble: 'marbles/bugs.test.ts > records of an aborted transaction are passed over; what the same producer commits after it is not',
  },
  {
    name: 'atMostOnceTooSoon',
    what: 'At most once: records are delivered when the commit is sent, and not when it is answered.',
    file: 'src/table/atMostOnce.ts',
    replace: [['end <= (cursor.committed ?? -1)', 'end <= Math.max(cursor.stretch, cursor.committed ?? -1)']],
    marble: 'marbles/atMostOnce.test.ts > at most once: a stretch is 500 records, or a batch that is larger',
  },
  {
    name: 'commitResentAsEncoded',
    what: 'A commit that was refused is sent again as it was, though more was acked meanwhile, or a seek went back.',
    file: 'src/offsets/commitRounds.ts',
    replace: [
      ['ignoreElements, share, tap, throwError, type', 'ignoreElements, retry, share, tap, throwError, timer, type'],
      ['      sent = draft(', '      sent ??= draft('],
      [
        '      tap((response) => {\n        if (sent === undefined)',
        `      tap(({ topics }) => {
        const code = topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)).find((each) => [7, 14, 15, 16].includes(each));
        if (code === undefined) return;
        coordinator.invalidate();
        throw errorOf(code);
      }),
      retry({ delay: (error, count) => (isRetriable(error) ? timer(100 * count, context.scheduler) : throwError(() => error)) }),
      tap((response) => {
        if (sent === undefined)`,
      ],
    ],
    marble:
      'marbles/commit.test.ts > a commit that is refused is tried again after the back-off, where the coordinator is now, with what holds by then',
  },
  {
    name: 'leaderEpochIgnored',
    what: 'A new leader epoch of the same leader is not taken over: it fences us for ever.',
    file: 'src/table/table.ts',
    replace: [['if (route.leader === leader && route.leaderEpoch === leaderEpoch) return;', 'if (route.leader === leader) return;']],
    marble: 'marbles/silence.test.ts > a session that is over by our clock is said at once, and that it goes on',
  },
  {
    name: 'oneTooFar',
    what: 'Behind a control batch, or one of an aborted transaction, the position is one too far.',
    file: 'src/table/cursor.ts',
    replace: [['    this.position = batch.nextOffset;\n', '    this.position = batch.nextOffset + (batch.count === 0 ? 1 : 0);\n']],
    marble: 'marbles/holes.test.ts > a hole in which the leader changed is passed, and is no truncation',
  },
  {
    name: 'atMostOnceInMidBatch',
    what: 'At most once: who subscribes again in the middle of a batch waits for records that nobody acks any more.',
    file: 'src/table/held.ts',
    replace: [['this.batches.slice(this.first, this.at + 1)', 'this.batches.slice(this.first, this.at)']],
    marble: 'none',
  },
];
