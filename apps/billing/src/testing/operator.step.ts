import type { BilledHour } from '../ledger/ledger';
import type { HourAct } from '../operator/hour.act.domain';
import type { ModelledMicrosoft } from './modelled.microsoft';

/** An operator decides about one of the hours that wait for it. */
export interface Operates {
  readonly kind: 'operates';
  readonly act: 'confirm' | 'write-off';
  /** Which of them. */
  readonly place: number;
}

/** Of an uncertain hour the operator has seen in Partner Center what Microsoft has. */
export function actOf(act: Operates['act'], hour: BilledHour, microsoft: ModelledMicrosoft): HourAct {
  if (hour.state !== 'uncertain') return { kind: act };
  const quantity = microsoft.quantityOf(hour);
  if (quantity !== null) return { kind: 'accept', quantity };
  return act === 'confirm' ? { kind: 'carry' } : { kind: 'write-off' };
}
