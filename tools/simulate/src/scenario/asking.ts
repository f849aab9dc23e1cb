import type { Chance } from '../chance';
import { hour, minute, second } from '../time';
import type { Act, Asking } from './act';

/** What is asked for on our side is numbered from here: the others keep their numbers, and with them what becomes of their operations. */
const firstNumber = 201;
/** Of all runs. */
const share = 0.4;
const plans = ['A', 'B', 'C'];
const quantities = [5, 8, 9];

/** Draws what we ask of Microsoft: one to four changes between the customer's own acts, now and then a cancellation, asked for again where it did not come true. */
export function drawnAskings(chance: Chance, untilMs: number): Act[] {
  const draw = (question: string, ...about: number[]) => chance('asking', question, ...about);
  if (draw('any') >= share) return [];
  const count = 1 + Math.floor(draw('count') * 4);
  const acts = Array.from({ length: count }, (_, index): Act => {
    const atMs = minute + draw('at', index) * (draw('close', index) < 0.5 ? 10 * minute : untilMs);
    return { ...drawnAsking(draw('kind', index), draw('value', index)), atMs: Math.round(atMs), number: firstNumber + index };
  });
  const ended = acts.findLast(({ kind }) => kind === 'AskForCancellation');
  const again: Act[] =
    ended && draw('again') < 0.5
      ? [{ ...ended, atMs: ended.atMs + 5 * second + Math.round(hour * draw('again at')), number: firstNumber + count }]
      : [];
  return [...acts, ...again];
}

function drawnAsking(kind: number, value: number): Asking {
  if (kind < 0.5) return { kind: 'AskForPlan', plan: plans[Math.floor(value * plans.length)]! };
  if (kind < 0.85) return { kind: 'AskForQuantity', quantity: quantities[Math.floor(value * quantities.length)]! };
  return { kind: 'AskForCancellation' };
}
