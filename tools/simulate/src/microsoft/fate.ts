import type { Chance } from '../chance';
import { minute, second } from '../time';
import type { Faults } from './faults';
import type { Action } from './action';

/** What will become of an operation and of its webhook, as far as that does not depend on us. All times are milliseconds from its beginning. */
export interface Fate {
  /** Get Operation shows it from then on; infinite: never. */
  readonly shownFromMs: number;
  /** Get Operation answers 404 from then on; infinite: never. */
  readonly goneFromMs: number;
  readonly isShownOpenForEver: boolean;
  /** If a suspension or the end overtakes it, Microsoft says Succeeded and never does it. */
  readonly isCalledSucceededWhenOvertaken: boolean;
  /** If a suspension overtakes it, it stays open and is done all the same. */
  readonly staysOpenWhenOvertaken: boolean;
  /** When an open operation that nobody acknowledges is done: infinite where it waits for our PATCH. Counted from `endsAfter`. */
  readonly endsAfterMs: number;
  readonly endsAfter: 'its beginning' | 'its delivery' | 'its answer';
  /** It ends as Failed, for a reason of Microsoft's own; drawn for what we ask for alone. */
  readonly fails: boolean;
  /** So many of our answers to its webhook do not arrive, besides those that are lost by chance. */
  readonly answersLost: number;
  /** How an operation ends that changes nothing because its target is there already. */
  readonly endsUnchangedAs: 'Succeeded' | 'Conflict';
  /** When its webhook is delivered; none where it is lost, two where it is doubled. */
  readonly deliveriesMs: readonly number[];
  readonly payloadDisagrees: boolean;
  /** Where we refuse it: so long after that Microsoft tells that the value is what it was, by an operation of its own (contract 4.5); null: never. */
  readonly revertsAfterMs: number | null;
  /** When its webhook comes to the address of another publisher; null: never. */
  readonly astrayMs: number | null;
}

/** As an operation goes when nothing goes wrong. */
export const kindFate = (action: Action): Fate => ({
  shownFromMs: 0,
  goneFromMs: Infinity,
  isShownOpenForEver: false,
  isCalledSucceededWhenOvertaken: false,
  staysOpenWhenOvertaken: false,
  endsAfterMs: action === 'Reinstate' ? 3 * second : 10 * second,
  endsAfter: action === 'Reinstate' ? 'its delivery' : 'its beginning',
  fails: false,
  answersLost: 0,
  endsUnchangedAs: 'Conflict',
  deliveriesMs: [500],
  payloadDisagrees: false,
  revertsAfterMs: null,
  astrayMs: null,
});

/** Draws the fate of an operation. `key` names it, whatever else is in the run. */
export function drawnFate(action: Action, key: number, faults: Faults, chance: Chance): Fate {
  const draw = (question: string) => chance(question, key);
  const isReinstate = action === 'Reinstate';
  const often = action === 'ChangePlan' || action === 'ChangeQuantity' ? 1 : 2;
  const shown = draw('shown');
  const never = faults.operationNeverShown * often;
  const vanishes = shown >= never && shown < never + faults.operationVanishes * often;
  const deliveriesMs = drawnDeliveries(faults, draw);
  // in some runs a change is done ten seconds after its delivery, or after the answer that arrived, in most ten seconds after its beginning (contract 4.5)
  const isDelivered = deliveriesMs.length > 0;
  const sinceWhen = chance('changes are done after their delivery');
  const afterDelivery = isDelivered && (isReinstate || sinceWhen < 0.3);
  const waitsForPatch = isReinstate && isDelivered && chance('a Reinstate waits for its PATCH') < faults.reinstateWaitsForPatch;
  return {
    shownFromMs: shown < never ? Infinity : 0,
    goneFromMs: vanishes ? 2 * second + draw('vanishes after') * 5 * minute : Infinity,
    isShownOpenForEver: draw('shown open') < faults.operationShownOpen,
    isCalledSucceededWhenOvertaken: draw('called Succeeded') < faults.overtakenCalledSucceeded,
    staysOpenWhenOvertaken: draw('stays open') < faults.overtakenStaysOpen,
    endsAfterMs: waitsForPatch ? Infinity : isReinstate && isDelivered ? second + draw('reinstated') * 9 * second : 10 * second,
    endsAfter: !afterDelivery ? 'its beginning' : !isReinstate && sinceWhen < 0.15 ? 'its answer' : 'its delivery',
    fails: draw('fails') < faults.requestFails,
    answersLost: 0,
    endsUnchangedAs: draw('unchanged') < 0.5 ? 'Succeeded' : 'Conflict',
    deliveriesMs,
    payloadDisagrees: draw('payload') < faults.payloadDisagrees,
    revertsAfterMs: draw('reverts') < faults.refusedReverts ? draw('reverts after') * 5 * second : null,
    astrayMs: draw('astray') < faults.webhookAstray ? drawnAstray(deliveriesMs, draw('astray at')) : null,
  };
}

/** Around the first delivery, where there is one. */
function drawnAstray(deliveriesMs: readonly number[], place: number): number {
  return Math.max(0, (deliveriesMs[0] ?? minute) + (place - 0.5) * 2 * minute);
}

function drawnDeliveries(faults: Faults, draw: (question: string) => number): number[] {
  if (draw('lost') < faults.webhookLost) return [];
  const first = drawnDelay(faults.webhooksDelayed, draw('delayed'), draw('delay'));
  return draw('doubled') < faults.webhookDoubled ? [first, first + draw('doubled after') * 4_000 * second] : [first];
}

function drawnDelay(delayed: 0 | 1, kind: number, length: number): number {
  if (delayed && kind > 0.95) return 30 * minute + length * 450 * minute;
  if (delayed && kind > 0.85) return minute + length * 29 * minute;
  if (delayed && kind > 0.7) return 2 * second + length * 58 * second;
  return 100 + length * second;
}
