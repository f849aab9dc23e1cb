import { Injectable } from '@nestjs/common';
import type { SubscriptionRead } from '@landfall/contracts';
import { MarketplaceError } from '@landfall/marketplace-client';
import { Overloaded } from '@landfall/messaging';
import type { Subject } from '../registration/subject';
import type { Work } from './asking';
import { MicrosoftClient } from './microsoft.client';
import { MicrosoftAway, MicrosoftWordUnknown, SubscriptionNotShown } from './microsoft.errors';
import type { OperationAnswer, OperationReading } from './microsoft.readings';

/** Which operation is looked at, and what is asked for. */
export interface LookedAt extends Required<Subject> {
  readonly operationId: string;
  /** It has no id that could be asked for: what is outstanding is listed instead. */
  readonly isUnnamed: boolean;
}

/** What Microsoft answered to one look. */
export interface Sight {
  readonly operation: OperationAnswer;
  readonly read: SubscriptionRead | null;
  /** Of an unnamed operation: what is outstanding. Else empty. */
  readonly outstanding: readonly (OperationReading & { readonly operationId: string })[];
  /** How long Microsoft, or our own breaker, asks to wait before the next look, in milliseconds. */
  readonly retryAfterMs: number;
}

/** Until when a look may take; then what is not answered is unanswered. */
interface Bounds {
  readonly timeoutMs: number;
  /** `verification` while somebody waits for what is seen: an answer to Microsoft may be held for it. */
  readonly purpose: 'verification' | 'reading';
}

/**
 * One look at an operation and its subscription. A call that is not answered, or not by anything that can be used, is a fact and never thrown;
 * nor is one that was not made, since no number could be drawn for it in time. What belongs to another registration is thrown, and not looked at.
 */
@Injectable()
export class MicrosoftLooks {
  constructor(private readonly microsoft: MicrosoftClient) {}

  /** Both calls side by side. */
  async at(operation: LookedAt, work: Work, bounds: Bounds): Promise<Sight> {
    const [asked, read] = await Promise.all([this.ask(operation, work, bounds), this.read(operation, work, bounds)]);
    return { ...asked, read: read.read, retryAfterMs: Math.max(asked.retryAfterMs, read.retryAfterMs) };
  }

  /** The operation alone; where `mustRead` says so after its answer, the subscription as well. */
  async atOperation(operation: LookedAt, work: Work, bounds: Bounds, mustRead: (answer: OperationAnswer) => boolean): Promise<Sight> {
    const asked = await this.ask(operation, work, bounds);
    if (!mustRead(asked.operation)) return { ...asked, read: null };
    const read = await this.read(operation, work, bounds);
    return { ...asked, read: read.read, retryAfterMs: Math.max(asked.retryAfterMs, read.retryAfterMs) };
  }

  private async ask(operation: LookedAt, work: Work, bounds: Bounds): Promise<Omit<Sight, 'read'>> {
    const unanswered = { operation: { kind: 'unanswered' as const }, outstanding: [] };
    if (!operation.isUnnamed) {
      const [answer, retryAfterMs] = await answeredOr(unanswered.operation, this.microsoft.operation(operation, work, bounds));
      return { operation: answer, outstanding: [], retryAfterMs };
    }
    const listed = this.microsoft.outstanding(operation, work, bounds).then(({ date, operations }) => ({
      operation: { kind: 'not-shown' as const, date },
      outstanding: operations,
    }));
    const [answer, retryAfterMs] = await answeredOr(unanswered, listed);
    return { ...answer, retryAfterMs };
  }

  private async read(subject: Subject, work: Work, bounds: Bounds): Promise<Pick<Sight, 'read' | 'retryAfterMs'>> {
    const [read, retryAfterMs] = await answeredOr(null, this.microsoft.subscription(subject, work, bounds));
    return { read, retryAfterMs };
  }
}

/** The answer, or what stands for none, and how long to wait. What is no matter of Microsoft's is thrown. */
async function answeredOr<T, None>(none: None, asking: Promise<T>): Promise<[T | None, number]> {
  try {
    return [await asking, 0];
  } catch (error) {
    if (error instanceof Overloaded) return [none, 0];
    if (error instanceof MicrosoftAway) return [none, error.retryAfterMs ?? 0];
    const isAnswer = error instanceof MarketplaceError || error instanceof SubscriptionNotShown || error instanceof MicrosoftWordUnknown;
    if (isAnswer) return [none, 0];
    throw error;
  }
}
