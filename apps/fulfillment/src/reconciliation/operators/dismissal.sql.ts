import { answerAbout } from '../observation.repository';

/** Of `observations o` and the sweep `d` of its answer: it is dismissed, and still differs, since Microsoft has not shown it alive, and the record has neither ended nor learnt of it. */
export const isStillDismissed = `(${answerAbout('d', 'o.answered_as')} = 'dismissed'
  and case o.answered_as when 'unknown' then o.record is null else o.record ->> 'status' <> 'Unsubscribed' end)`;

/** Of `observations o`, to the registration of which it belongs, and a sweep: that has dismissed that it is missing, as it still is. */
export const isMissingDismissedBy = (sweep: string) => `(${sweep}.answers ->> 'loss' = 'dismissed'
  and o.missing_since <= ${sweep}.ended_at and o.record ->> 'status' <> 'Unsubscribed')`;
