import type { Chance } from '../chance';
import type { Fate } from '../microsoft/fate';
import type { Trouble, TroubleKind } from '../microsoft/trouble';
import { hour, minute, second } from '../time';
import type { Act, Deed } from './act';

/** Another subscription of the publisher. */
export interface Sibling {
  readonly number: number;
  readonly begins: 'set up' | 'unknown';
  readonly acts: readonly Act[];
}

/** What is around the subscription that a run is about: the others of its publisher, and what Microsoft's list shows wrongly. */
export interface Publisher {
  readonly siblings: readonly Sibling[];
  readonly trouble: Trouble | null;
  /** Whether what is unknown may be imported before an operator allows it (`FIRST_IMPORT`). */
  readonly mayImport: boolean;
}

export const alone: Publisher = { siblings: [], trouble: null, mayImport: true };

const kinds: readonly TroubleKind[] = ['left out', 'wiped', 'listed as ended', 'shown as ended', 'circle', 'refused'];
const deeds: readonly Deed[] = [
  { kind: 'ChangePlan', plan: 'B' },
  { kind: 'ChangeQuantity', quantity: 9 },
  { kind: 'Suspend' },
  { kind: 'Reinstate' },
  { kind: 'Renew' },
  { kind: 'ToggleAutoRenew' },
  { kind: 'ChangeBeneficiary' },
  { kind: 'Unsubscribe' },
];

/** No webhook tells of it. */
export const untold: Partial<Fate> = { deliveriesMs: [], astrayMs: null, endsAfter: 'its beginning', endsAfterMs: 10 * second };

/** Draws it for a run whose last act is at `lastActMs`. `isUnknown`: the record begins without the subscription. */
export function drawnPublisher(chance: Chance, lastActMs: number, isUnknown: boolean): Publisher {
  const draw = (question: string, ...about: number[]) => chance('publisher', question, ...about);
  const mayImport = draw('may import') < 0.6;
  const isEmpty = isUnknown && draw('empty') < 0.5;
  const activeMs = Math.max(lastActMs, hour);
  const count = countOf(draw('share'), draw('count'));
  const loss = draw('loss') < 0.15 ? { atMs: minute + draw('lost at') * activeMs, share: 0.3 + 0.7 * draw('lost share') } : null;
  const siblings = Array.from({ length: count }, (_, index): Sibling => {
    const number = index + 1;
    const own = draw('acts', number) < 0.3 ? [drawnAct(draw, number, 1, activeMs), drawnAct(draw, number, 2, activeMs)] : [];
    const end: Act[] =
      loss && draw('is lost', number) < loss.share
        ? [{ kind: 'Unsubscribe', atMs: Math.round(loss.atMs + draw('lost after', number) * minute), number: 3, fate: untold }]
        : [];
    const acts = [...own.slice(0, draw('both', number) < 0.5 ? 1 : 2), ...end].sort((one, other) => one.atMs - other.atMs);
    return { number, begins: isEmpty || draw('unknown', number) < 0.05 ? 'unknown' : 'set up', acts };
  });
  return { siblings, trouble: draw('trouble') < 0.3 ? drawnTrouble(draw, activeMs) : null, mayImport };
}

function countOf(share: number, count: number): number {
  if (share < 0.5) return 0;
  if (share < 0.85) return 1 + Math.floor(count * 3);
  return share < 0.998 ? 4 + Math.floor(count * 5) : 62 + Math.floor(count * 20);
}

function drawnAct(draw: (question: string, ...about: number[]) => number, sibling: number, number: number, activeMs: number): Act {
  const atMs = Math.round(minute + draw('at', sibling, number) * activeMs);
  const deed = deeds[Math.floor(draw('deed', sibling, number) * deeds.length)]!;
  return { ...deed, atMs, number, ...(draw('untold', sibling, number) < 0.5 ? { fate: untold } : {}) };
}

/** It is over before the run comes to rest. */
function drawnTrouble(draw: (question: string) => number, activeMs: number): Trouble {
  const fromMs = Math.round(draw('trouble from') * activeMs);
  const untilMs = Math.min(activeMs + 40 * minute, fromMs + 5 * minute + draw('trouble lasts') ** 2 * 3 * hour);
  const kind = kinds[Math.floor(draw('trouble kind') * kinds.length)]!;
  return { kind, fromMs, untilMs: Math.round(untilMs), share: draw('all') < 0.6 ? 1 : draw('hit') };
}
