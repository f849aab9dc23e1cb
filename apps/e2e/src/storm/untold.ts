import type { TrueOperation } from '../microsoft';
import { lostEachTime } from './unkindness';

/** What the rules of the emulator that were drawn for an operation do. */
export function effectsOn({ faults }: Pick<TrueOperation, 'faults'>): Set<string> {
  return new Set(faults.flatMap((rule) => [rule.do].flat().map(({ effect }) => effect)));
}

/** It stays open at Microsoft until we answer it, and each try of its webhook is lost: a sweep over Microsoft's list tells of it. */
export function isNeverTold({ action, faults }: Pick<TrueOperation, 'action' | 'faults'>): boolean {
  return action === 'Reinstate' && faults.some(({ name }) => name === lostEachTime);
}

/** Nor does Microsoft list it: nobody can answer it, and it runs out. */
export function isBeyondAnswer(operation: Pick<TrueOperation, 'action' | 'faults'>): boolean {
  return isNeverTold(operation) && effectsOn(operation).has('forgetOperation');
}
