import { steadyScheduler } from '../transport/steadyScheduler.ts';
import { chance as anyChance } from './chance.ts';
import { MAX_INT32, boolean, either, integer, milliseconds, no, number, oneOf, wholeMilliseconds } from './checks.ts';
import { Fields } from './fields.ts';
import { readMode } from './mode.ts';
import { readStartFrom, readStopAt } from './positions.ts';
import { Report } from './report.ts';
import type { GroupMode, ManualMode, Settings } from './settings.ts';
import { chance, clock, listener, stopSignal } from './shapes.ts';
import type { ConsumerOptions } from './types.ts';

const MiB = 1024 * 1024;
const whole = integer({ min: 1 });
const size = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/**
 * Checks the options of a consumer and fills in the defaults. The result is frozen.
 *
 * Throws OptionsError with every mistake in it: what is missing, unknown, of the wrong type, out of range, or at odds with another.
 */
export function readOptions(options: ConsumerOptions): Settings {
  const report = new Report();
  const fields = new Fields(options, '', report);
  const mode = readMode(fields, report);
  const settings = {
    mode,
    ...readDelivery(fields, mode),
    ...readPositions(fields, report),
    ...readLimits(fields),
    ...readFetching(fields),
    ...readTimes(fields, mode),
    ...readSurroundings(fields),
  };
  fields.close();
  report.close();
  return Object.freeze(settings);
}

function readDelivery(fields: Fields, { groupId }: GroupMode | ManualMode): Pick<Settings, 'delivery' | 'commit'> {
  const delivery = fields.value('delivery', oneOf('at-least-once', 'at-most-once'), 'at-least-once');
  if (delivery === 'at-most-once' && fields.has('commit'))
    fields.refuse('commit', "nothing with delivery 'at-most-once', which commits before it delivers");
  if (delivery === 'at-most-once' && groupId === undefined)
    fields.refuse('delivery', "'at-least-once' without a groupId: there is nowhere to commit to");
  if (fields.raw('commit') === false) return { delivery, commit: false };
  const commit = fields.nested('commit', (commitFields) =>
    Object.freeze({
      interval: commitFields.value('interval', milliseconds({ min: 1 }), 5_000),
      records: commitFields.value('records', size, Infinity),
    }),
  );
  if (groupId === undefined && fields.has('commit')) fields.refuse('commit', 'false without a groupId: there is nowhere to commit to');
  return { delivery, commit: groupId === undefined ? false : commit };
}

function readPositions(fields: Fields, report: Report): Pick<Settings, 'startFrom' | 'autoOffsetReset' | 'stopAt' | 'isolationLevel'> {
  const startFrom = readStartFrom(fields.raw('startFrom'), 'startFrom', report);
  const stopAt = readStopAt(fields.raw('stopAt'), 'stopAt', report);
  return {
    ...(startFrom !== undefined && { startFrom }),
    ...(stopAt !== undefined && { stopAt }),
    autoOffsetReset: fields.value('autoOffsetReset', oneOf('earliest', 'latest', 'none'), 'earliest'),
    isolationLevel: fields.value('isolationLevel', oneOf('read_committed', 'read_uncommitted'), 'read_committed'),
  };
}

function readLimits(fields: Fields): Pick<Settings, 'window' | 'maxBuffered' | 'checkCrcs'> {
  const window = fields.nested('window', (limits) =>
    Object.freeze({ records: limits.value('records', size, 10_000), bytes: limits.value('bytes', size, 16 * MiB) }),
  );
  return { window, maxBuffered: fields.value('maxBuffered', size, 64 * MiB), checkCrcs: fields.value('checkCrcs', boolean, true) };
}

function readFetching(fields: Fields): Pick<Settings, 'fetch' | 'requestTimeout' | 'backoff'> {
  const fetch = fields.nested('fetch', (limits) =>
    Object.freeze({
      minBytes: limits.value('minBytes', whole, 1),
      maxWait: limits.value('maxWait', wholeMilliseconds({ min: 1 }), 500),
      maxBytes: limits.value('maxBytes', whole, 8 * MiB),
      maxPartitionBytes: limits.value('maxPartitionBytes', whole, MiB),
    }),
  );
  const requestTimeout = fields.value('requestTimeout', milliseconds({ min: 1 }), 30_000);
  // A fetch waits for both.
  if (requestTimeout + fetch.maxWait > MAX_INT32)
    fields.refuse('requestTimeout', `at most ${String(MAX_INT32)} together with fetch.maxWait`);
  const backoff = fields.nested('backoff', (waits) => {
    // With jitter a wait is up to twice as long.
    const max = waits.value('max', milliseconds({ min: 1, max: 2 ** 30 - 1 }), 10_000);
    const initial = waits.value('initial', milliseconds({ min: 1, max: 2 ** 30 - 1 }), 100);
    if (initial > max && waits.has('initial')) waits.refuse('initial', `at most backoff.max, which is ${String(max)}`);
    else if (initial > max) waits.refuse('max', `at least backoff.initial, which is ${String(initial)}`);
    return Object.freeze({ initial, max, jitter: waits.value('jitter', number({ min: 0, max: 1 }), 0.2) });
  });
  return { fetch, requestTimeout, backoff };
}

type Times = 'drainTimeout' | 'closeTimeout' | 'startTimeout' | 'metadataMaxAge' | 'unattendedTimeout';

function readTimes(fields: Fields, mode: GroupMode | ManualMode): Pick<Settings, Times> {
  const live = mode.kind === 'group' && (mode.patterns !== undefined || mode.selections !== undefined);
  return {
    drainTimeout: fields.value('drainTimeout', milliseconds({ min: 0 }), 30_000),
    closeTimeout: fields.value('closeTimeout', milliseconds({ min: 0 }), 5_000),
    startTimeout: fields.value('startTimeout', milliseconds({ min: 0 }), 60_000),
    metadataMaxAge: fields.value('metadataMaxAge', milliseconds({ min: 1 }), live ? 30_000 : 300_000),
    unattendedTimeout: fields.value('unattendedTimeout', either(milliseconds({ min: 1 }), no), 30_000),
  };
}

function readSurroundings(fields: Fields): Pick<Settings, 'until' | 'events' | 'scheduler' | 'random'> {
  const until = fields.optional('until', stopSignal);
  const events = fields.optional('events', listener);
  return {
    ...(until !== undefined && { until }),
    ...(events !== undefined && { events }),
    scheduler: fields.value('scheduler', clock, steadyScheduler),
    random: fields.value('random', chance, anyChance),
  };
}
