import { counter } from '@landfall/service-defaults';
import { Logger } from '@nestjs/common';
import type { Remark, RemarkKind } from './remark';

const decidedByMicrosoft = ['ended-before-verdict', 'ended-while-asked', 'overruled'] as const satisfies RemarkKind[];

/** Tells operators of changes that were decided without us, and counts those that Microsoft decided. */
export class RemarkRecorder {
  private readonly logger = new Logger('Verdicts');
  private readonly decided = counter(
    'subscription_changes_decided_by_microsoft_total',
    'Changes of plan or seats that Microsoft decided before us, or other than we had',
    { how: [...decidedByMicrosoft] },
  );

  record(subscriptionId: string, { kind, words }: Remark): void {
    if (kind === 'not-named') return this.logger.log({ subscriptionId }, words);
    this.decided.inc({ how: kind });
    this.logger.error({ subscriptionId }, words);
  }
}
