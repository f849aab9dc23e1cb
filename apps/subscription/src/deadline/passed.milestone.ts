import type { Deadline } from '@landfall/contracts';

/** A day before, at or after a deadline about which all was done. It is passed once for each date of the deadline. */
export interface PassedMilestone {
  readonly deadline: Deadline;
  /** The date that the deadline had then: where it moves, its milestones come anew. */
  readonly at: string;
  /** 0 when it was over, and negative after that. */
  readonly daysBefore: number;
}
