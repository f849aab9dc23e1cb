import { changed, ignored, OperatorActs, refused, type OperatorAct, type RecordedAct } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DifferenceRepository, type LockedDifference } from './difference.repository';

/** Operators explain differences that no later list will mend. */
@Injectable()
export class DifferenceDismissal {
  constructor(
    private readonly acts: OperatorActs,
    private readonly differences: DifferenceRepository,
  ) {}

  /** It alarms no more, until it becomes another one. @throws SubjectMissing, Refused */
  dismiss(number: string, by: OperatorAct): Promise<RecordedAct> {
    return this.acts.perform<LockedDifference>('usage-difference.dismiss', `usage-differences/${number}`, by, {
      key: number,
      load: (tx) => this.differences.lock(tx, number),
      decide: (difference) => {
        if (difference.state === 'over') return refused('A later list agrees: there is nothing to dismiss');
        return difference.state === 'dismissed' ? ignored('it was dismissed before') : changed({ ...difference, state: 'dismissed' });
      },
      save: (tx) => Promise.resolve(this.differences.dismiss(tx, number)),
      seen: ({ kind, state, quantity }) => ({ kind, state, quantity }),
    });
  }
}
