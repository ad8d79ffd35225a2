import type { Rule } from '../rule.ts';
import type { MemberShadow } from '../shadow/memberShadow.ts';
import { backoff } from './backoff.ts';
import { commit } from './commit.ts';
import { deadline } from './deadline.ts';
import { disjoint } from './disjoint.ts';
import { epoch } from './epoch.ts';
import { live } from './live.ts';
import { membership } from './membership.ts';
import { memory } from './memory.ts';
import { meta } from './meta.ts';
import { noLoss } from './noLoss.ts';
import { once } from './once.ts';
import { own } from './own.ts';
import { position } from './position.ts';
import { replica } from './replica.ts';
import { reset } from './reset.ts';
import { session } from './session.ts';
import { stop } from './stop.ts';
import { terminate } from './terminate.ts';
import { truncation } from './truncation.ts';

/** All invariants of the design. ISOLATE is told apart from LIVE where a neighbour has failed. `timersOf`: how many timers of a member are armed. */
export function allRules(timersOf: (member: MemberShadow) => number): readonly Rule[] {
  return [
    epoch(),
    once(),
    own(),
    disjoint(),
    noLoss(),
    position(),
    commit(),
    reset(),
    truncation(),
    session(),
    replica(),
    terminate(),
    live(),
    backoff(),
    deadline(),
    meta(),
    membership(),
    stop(timersOf),
    memory(),
  ];
}
