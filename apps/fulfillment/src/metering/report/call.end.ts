import { asCode, asReason, type UsageStatus } from '@landfall/contracts';
import {
  MarketplaceAnswerUnreadable,
  MarketplaceConflict,
  MarketplaceError,
  MarketplaceRejected,
  usageStatuses,
} from '@landfall/marketplace-client';
import { MicrosoftAway } from '../../microsoft/microsoft.errors';
import { LONGEST_RETRY_AFTER_MS } from '../../microsoft/retry-later';
import { RegistrationNotRead } from '../../registration/registration.errors';
import { isShutOut } from '../metering.client';
import type { CallEnd } from './batch.domain';
import type { EventAnswer } from './usage.batch';

/** The deadline came between the beginning of a run and the moment at which its attempt was to leave. */
export class DeadlinePassed extends Error {
  readonly code = 'DEADLINE_PASSED';

  constructor() {
    super('the deadline of the batch had come before this attempt could leave');
    this.name = 'DeadlinePassed';
  }
}

/** How a call ended that brought no results. What is neither Microsoft's answer nor its absence is thrown on: the run has failed. */
export function endOfFailure(error: unknown): CallEnd {
  if (error instanceof MicrosoftAway) {
    const { isUndone, retryAfterMs, message: why } = error;
    const asked = retryAfterMs === undefined ? {} : { afterMs: Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS) };
    return { kind: isUndone ? 'undone' : 'unanswered', why: asReason(why), ...asked };
  }
  if (error instanceof RegistrationNotRead || error instanceof DeadlinePassed || isShutOut(error))
    return { kind: 'undone', why: asReason(error.message) };
  if (error instanceof MarketplaceAnswerUnreadable) return { kind: 'unanswered', why: asReason(error.message) }; // what it says may be that all was recorded
  if (error instanceof MarketplaceRejected || error instanceof MarketplaceConflict)
    return { kind: 'refused', answer: answerOfRefusal(error) };
  throw error;
}

/** What a refusal of the whole says of the one event that it was about (contract 6.2). */
function answerOfRefusal({ microsoft, message }: MarketplaceError): EventAnswer {
  const code = microsoft?.code ?? null;
  const known = usageStatuses.find((status) => status === code && status !== 'Accepted' && status !== 'Duplicate' && status !== 'Error');
  return {
    ...{ status: (known ?? 'BadArgument') satisfies UsageStatus, usageEventId: null, stored: null, messageTime: null },
    ...{ code: code === null ? null : asCode(code), reason: asReason(microsoft?.message ?? message) },
  };
}
