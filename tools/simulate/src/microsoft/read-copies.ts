import type { Chance } from '../chance';
import { second } from '../time';

/** The copies that answer reads. Each answers as of a moment that lies in the past, and never goes back. */
export interface ReadCopies {
  /** As of which moment a read is answered now. `key` names the read. */
  asOf(nowMs: number, key: string): number;
  /** As of which moment the most lagging copy answers now. */
  oldest(nowMs: number): number;
}

/** For situations that are written by hand: the lag at each moment, the same for every read. */
export const scriptedCopies = (lagMs: (nowMs: number, key: string) => number): ReadCopies => ({
  asOf: (nowMs, key) => nowMs - lagMs(nowMs, key),
  oldest: (nowMs) => nowMs - lagMs(nowMs, ''),
});

/** A stretch of time in which a copy lags by the same. */
interface Stretch {
  readonly fromMs: number;
  readonly lagMs: number;
  /** The newest moment that the copy had shown before. */
  readonly shownMs: number;
}

/** Three copies, and each read is answered by one of them. */
export function laggingCopies(name: string, largestLagMs: number, endMs: number, chance: Chance): ReadCopies {
  const copies = [0, 1, 2].map((copy) => drawnStretches((question) => chance(name, copy, question), largestLagMs, endMs));
  return {
    asOf: (nowMs, key) => shownBy(copies[Math.floor(chance(name, key) * 3)]!, nowMs),
    oldest: (nowMs) => Math.min(...copies.map((copy) => shownBy(copy, nowMs))),
  };
}

/** A third of the copies are nearly up to date, a third fall behind now and then, a third lag by the same all the time. */
function drawnStretches(draw: (question: string) => number, largestLagMs: number, endMs: number): Stretch[] {
  const kind = draw('kind');
  const steadyLagMs = draw('steady') * largestLagMs;
  const stretches: Stretch[] = [];
  let shownMs = -Infinity;
  for (let fromMs = 0, number = 0; fromMs < endMs; number++) {
    const lengthMs = (20 + draw(`length ${number}`) * 300) * second;
    const smallMs = Math.min(largestLagMs, draw(`lag ${number}`) * 2 * second);
    const isBehind = draw(`behind ${number}`) >= 0.7;
    const lagMs = kind < 0.35 ? smallMs : kind >= 0.7 ? steadyLagMs : isBehind ? draw(`lag ${number}`) * largestLagMs : smallMs;
    stretches.push({ fromMs, lagMs, shownMs });
    fromMs += lengthMs;
    shownMs = Math.max(shownMs, fromMs - lagMs);
  }
  return stretches;
}

function shownBy(stretches: readonly Stretch[], nowMs: number): number {
  let low = 0;
  let high = stretches.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (stretches[middle]!.fromMs <= nowMs) low = middle;
    else high = middle - 1;
  }
  const { lagMs, shownMs } = stretches[low]!;
  return Math.max(shownMs, nowMs - lagMs);
}
