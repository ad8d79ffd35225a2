import type { Report } from './options/report.ts';
import type { GroupMode, Settings } from './options/settings.ts';

interface Refusal {
  readonly path: string;
  /** What is given and cannot be served; undefined otherwise. */
  readonly given: (settings: Settings) => unknown;
  readonly instead: string;
}

const ofGroup = (settings: Settings): Partial<GroupMode> => (settings.mode.kind === 'group' ? settings.mode : {});

/** Options that are checked and understood, and that nothing serves yet. An entry goes when what it names is there. */
const refusals: readonly Refusal[] = [{ path: 'rackId', given: (settings) => ofGroup(settings).rackId, instead: 'nothing' }];

/** Refuses what would otherwise be ignored. */
export function notYet(settings: Settings, report: Report): void {
  for (const { path, given, instead } of refusals) {
    const value = given(settings);
    if (value !== undefined) report.refuse(path, value, `${instead}; this is not supported yet`);
  }
}
