import { rejectionReason } from '@landfall/contracts';
import { actRequest, documentation, Marks, type ActRequest, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, DescribedBy, ManagementController, ParseId, RequiresRole } from '@landfall/service-defaults';
import { Body, HttpCode, HttpStatus, Param, Post, type Type } from '@nestjs/common';
import { z } from 'zod';
import { PurchaseApproval } from './purchase.approval';

const rejectionRequest = z.strictObject({
  reason: rejectionReason.trim().min(1).describe('Why: the customer is shown it, and it is kept for the record; no personal data'),
});
type RejectionRequest = z.infer<typeof rejectionRequest>;

function describeApproval(controller: Type): void {
  const { describe, describesAct } = documentation();
  const act = (summary: string) =>
    describesAct(summary, 'It waits for no such decision; the detail says why, and what to do: code `REFUSED`');
  const handlers = {
    approve: act('Approve a purchase that waits for it: it is set up, and activated at Microsoft where that has not happened'),
    reject: act('Reject a purchase that waits for approval: its customer is shown the reason, and Microsoft is asked to cancel it'),
  };
  describe(controller, handlers, 'subscriptions');
}

/** What operators decide about purchases that wait for an approval. */
@DescribedBy(describeApproval)
@ManagementController('subscriptions')
export class ApprovalController {
  constructor(private readonly approval: PurchaseApproval) {}

  @Post(':id/approval')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  approve(
    @Param('id', ParseId) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.approval.approve(id.toLowerCase(), { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/rejection')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  reject(
    @Param('id', ParseId) id: string,
    @Body({ schema: rejectionRequest }) { reason }: RejectionRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.approval.reject(id.toLowerCase(), { ...marks, reason, actor: actor.subject });
  }
}
