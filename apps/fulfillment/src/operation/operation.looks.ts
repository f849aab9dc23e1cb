import { Injectable, Logger } from '@nestjs/common';
import type { MessageOf, webhookReceived, webhookUnreadable } from '@landfall/contracts';
import { config } from '../fulfillment.config';
import type { Work } from '../microsoft/asking';
import { MicrosoftLooks, type Sight } from '../microsoft/microsoft.looks';
import type { OperationAnswer } from '../microsoft/microsoft.readings';
import { payloadDisagreements } from '../microsoft/microsoft.metrics';
import { asksForSubscription, awaitsRead, disagreementOf, showsEnd } from './look.domain';
import type { Pace } from './look.schedule';
import type { Operation } from './operation';
import { OtherRegistration } from '../registration/registration.errors';
import { tellOtherRegistration } from '../registration/registration.metrics';
import { announcedBy, unnamedBy, type FirstSeen, type Misdirected, type Outstanding } from './webhook.domain';

/** A batch waits for its slowest look, one second at most. */
const FIRST_LOOK_MS = 800;
/** While Microsoft's ten seconds run, a look that hangs must not take the place of the next one. */
const EARLY_LOOK_MS = { limit: 1_000, untilAgeMs: 10_000 };
/** A decision that waits for a read is worth a longer wait, and a held answer ends after four seconds (contract 4.6). */
const AWAITED_READ_MS = 3_000;
const LATER_LOOK_MS = 5_000;

/** Looks at operations at Microsoft for whoever decides on what is seen. */
@Injectable()
export class OperationLooks {
  private readonly logger = new Logger(OperationLooks.name);

  constructor(private readonly microsoft: MicrosoftLooks) {}

  /** The first look at what a webhook announces. Calls that are not answered in time are a fact, and never thrown. */
  async first({ data, correlationId }: MessageOf<typeof webhookReceived>): Promise<FirstSeen | Misdirected> {
    return this.firstAt(announcedBy(data), { correlationId });
  }

  /** As `first`, for a webhook that named no operation. */
  async firstUnnamed({ data, correlationId }: MessageOf<typeof webhookUnreadable>): Promise<(FirstSeen & Outstanding) | Misdirected> {
    return this.firstAt(unnamedBy(data), { correlationId });
  }

  private async firstAt(operation: Operation, work: Work): Promise<(FirstSeen & Outstanding) | Misdirected> {
    try {
      const sight = await this.microsoft.at(operation, work, { timeoutMs: FIRST_LOOK_MS, purpose: 'verification' });
      this.tellDisagreement(operation, sight.operation);
      return { ...sight, pace: paceOf() };
    } catch (error) {
      if (!(error instanceof OtherRegistration)) throw error;
      tellOtherRegistration(this.logger, 'webhook', error);
      return { boundTo: error.boundTo };
    }
  }

  /**
   * A later look. `isReadSpared`: the subscription was read a moment ago, and is not asked for beside the operation's end.
   * @throws OtherRegistration where the subscription turned out to belong to another one since
   */
  async again(
    operation: Operation,
    work: Work,
    isReadSpared: boolean,
  ): Promise<Sight & { readonly pace: Pace; readonly isReadSpared: boolean }> {
    const bounds = { timeoutMs: limitOf(operation), purpose: isEarly(operation) ? 'verification' : 'reading' } as const;
    const sight = asksForSubscription(operation)
      ? await this.microsoft.at(operation, work, bounds)
      : await this.microsoft.atOperation(operation, work, bounds, (answer) => !isReadSpared && showsEnd(operation, answer));
    this.tellDisagreement(operation, sight.operation);
    return { ...sight, pace: paceOf(), isReadSpared };
  }

  /** It is never a veto (rule 1), but somebody should know. */
  private tellDisagreement(operation: Operation, answer: OperationAnswer): void {
    const about = disagreementOf(operation, answer);
    if (!about) return;
    payloadDisagreements.inc({ about });
    const { subscriptionId, operationId, action } = operation;
    this.logger.warn(
      { subscriptionId, operationId, action, about },
      'a webhook says otherwise than Microsoft shows: what Microsoft shows counts',
    );
  }
}

const isEarly = ({ ageMs }: Operation): boolean => ageMs < EARLY_LOOK_MS.untilAgeMs;

function limitOf(operation: Operation): number {
  if (!isEarly(operation)) return LATER_LOOK_MS;
  return awaitsRead(operation) ? AWAITED_READ_MS : EARLY_LOOK_MS.limit;
}

const paceOf = (): Pace => ({ copyLagMs: config.values.COPY_LAG, pollMs: config.values.OPERATION_POLL_INTERVAL });
