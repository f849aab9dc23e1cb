import type { Chance } from '../chance';
import { hour, minute, second } from '../time';
import type { Act, Deed, Visit } from './act';

/** The acts of a purchase are numbered from here: the others keep their numbers, and with them what becomes of their operations. */
const firstNumber = 101;

/** Draws how a customer comes: soon or after hours, once or again, by the landing page of another publisher as well; confirms at once, late, twice or never. */
export function drawnPurchase(chance: Chance): Act[] {
  const draw = (question: string) => chance('purchase', question);
  const comesMs = (draw('comes late') < 0.15 ? 2 * hour : minute) * draw('comes') + 5 * second;
  const fillsMs = (draw('fills slowly') < 0.3 ? hour : minute) * draw('fills');
  const acts: (readonly [atMs: number, deed: Deed | Visit, share: number])[] = [
    [comesMs, { kind: 'Land', at: 'its own' }, 0.97],
    [comesMs + 2 * hour * draw('again at') ** 3, { kind: 'Land', at: 'its own' }, 0.4],
    [20 * minute * draw('astray at'), { kind: 'Land', at: 'another' }, 0.2],
    [comesMs + fillsMs, { kind: 'Confirm' }, 0.9],
    [comesMs + fillsMs + 3 * second + minute * draw('confirms again after'), { kind: 'Confirm' }, 0.3],
    [comesMs + 10 * minute * draw('activated after'), { kind: 'ActivateItself' }, 0.15],
    [comesMs + 15 * minute * draw('ended after'), { kind: 'Unsubscribe' }, 0.15],
  ];
  return acts.flatMap(([atMs, deed, share], index) =>
    draw(`act ${index}`) < share ? [{ ...deed, atMs: Math.round(atMs), number: firstNumber + index }] : [],
  );
}
