import { dismissed, letThrough, withdrawn } from '@landfall/fulfillment/decisions';
import type { Chance } from '../chance';
import type { Life } from '../life';
import type { Scheduler } from '../scheduler';
import { hour, minute } from '../time';
import type { Reconciliation } from './reconciliation';
import type { Sweep } from './sweeps';

export interface OperatorOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly lives: ReadonlyMap<string, Life>;
  readonly reconciliation: () => Reconciliation;
}

/**
 * Whoever is asked by a sweep: looks at Partner Center within half an hour, and answers the newest questions, each by itself. True ends are let through. Where something is said to have ended
 * that has not, it is waited for, or dismissed where that is so of all. What is only missing is left, dismissed or let through as it comes, since nothing ends by that. An import is let through, but for a few that are dismissed beside false ends. Some dismissals are taken back within two hours.
 */
export class Operator {
  private asked = 0;

  constructor(private readonly options: OperatorOptions) {}

  ask(): void {
    const { scheduler, chance, reconciliation } = this.options;
    const number = ++this.asked;
    scheduler.after(30 * minute * chance('operator answers after', number), () => {
      const { sweeps } = reconciliation();
      if (sweeps.open) this.answer(sweeps.open, chance('operator decides', number));
    });
  }

  private answer(sweep: Sweep, whim: number): void {
    const { lives, reconciliation } = this.options;
    const ended = reconciliation().observations.keptBack(sweep.id, ['ended']);
    const alive = ended.filter((id) => lives.get(id)!.microsoft.members.status !== 'Unsubscribed');
    if (alive.length > 0) {
      if (alive.length === ended.length && whim < 0.4) this.dismiss(sweep);
    } else if (ended.length > 0 || whim < 0.3) reconciliation().answer(sweep, 'loss', letThrough);
    else if (whim < 0.6) this.dismiss(sweep);
    reconciliation().answer(sweep, 'import', alive.length > 0 && whim < 0.2 ? dismissed : letThrough);
  }

  private dismiss(sweep: Sweep): void {
    const { scheduler, chance, reconciliation } = this.options;
    reconciliation().answer(sweep, 'loss', dismissed);
    if (chance('takes back', sweep.number) < 0.4)
      scheduler.after(2 * hour * chance('takes back after', sweep.number), () => reconciliation().answer(sweep, 'loss', withdrawn));
  }
}
