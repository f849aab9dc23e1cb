import { draw, placeOf } from '../../faults/fault.draw';
import type { CallFault } from '../../faults/fault';
import { instantOf } from '../../faults/rule/fault.instant';
import { addDays } from '../../time/calendar';
import type { Subscription } from '../../subscription/subscription';
import type { ReconStatus } from './usage.query';
import type { UsageDay } from './usage.repository';

export interface Reconciliation {
  reconStatus: ReconStatus;
  processedQuantity: number;
}

/** A row of usage that is read back. */
interface Row {
  day: UsageDay;
  subscription: Pick<Subscription, 'position'>;
}

/** Whether a fault leaves the row out: for ever, or until so long after its day. The same row of a rule is drawn the same each time. */
export function isLeftOut(row: Row, fault: CallFault | undefined, nowMs: number): boolean {
  const missing = fault?.effect('missingRows');
  if (!fault || !missing || !isDrawn(row, fault.seedOf('missingRows'), missing.chance)) return false;
  return missing.for === undefined || nowMs < instantOf(missing.for, addDays(Date.parse(row.day.usageDate), 1));
}

/** How a fault has reconciled the row, once it would be Accepted; one that stays Submitted never is. */
export function misread(row: Row, reconciled: Reconciliation, fault: CallFault | undefined): Reconciliation {
  const misreading = fault?.effect('misreadRows');
  if (!fault || !misreading || reconciled.reconStatus !== 'Accepted') return reconciled;
  if (!isDrawn(row, fault.seedOf('misreadRows'), misreading.chance)) return reconciled;
  const processedQuantity = misreading.as === 'Mismatch' ? reconciled.processedQuantity / 2 : 0;
  return { reconStatus: misreading.as, processedQuantity };
}

function isDrawn({ day, subscription }: Row, seed: number, chance = 1): boolean {
  const { usageDate, dimension, planId } = day;
  return draw(seed, placeOf(`${subscription.position}|${usageDate}|${planId}|${dimension}`)) < chance;
}
