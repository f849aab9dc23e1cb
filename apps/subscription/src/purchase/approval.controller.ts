import { rejectionReason } from '@landfall/contracts';
import { actRequest, Marks, recordedAct, type ActRequest, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, RequiresRole } from '@landfall/service-defaults';
import { applyDecorators, Body, Controller, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { z } from 'zod';
import { PurchaseApproval } from './purchase.approval';

const rejectionRequest = z.strictObject({
  reason: rejectionReason.trim().min(1).describe('Why: the customer is shown it, and it is kept for the record; no personal data'),
});
type RejectionRequest = z.infer<typeof rejectionRequest>;

/** What operators decide about purchases that wait for an approval. */
@ApiTags('subscriptions')
@ApiBearerAuth()
@Controller('subscriptions')
export class ApprovalController {
  constructor(private readonly approval: PurchaseApproval) {}

  @Post(':id/approval')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  @DescribesAct('Approve a purchase that waits for it: it is set up, and activated at Microsoft where that has not happened')
  approve(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.approval.approve(id.toLowerCase(), { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/rejection')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  @DescribesAct('Reject a purchase that waits for approval: its customer is shown the reason, and Microsoft is asked to cancel it')
  reject(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: rejectionRequest }) { reason }: RejectionRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.approval.reject(id.toLowerCase(), { ...marks, reason, actor: actor.subject });
  }
}

function DescribesAct(summary: string) {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiHeader({ name: 'Idempotency-Key', required: true, description: 'The same act under the same key is done once, and answered alike' }),
    ApiOkResponse({
      description: 'It is done, and this is its record',
      schema: z.toJSONSchema(recordedAct, { target: 'openapi-3.0' }) as object,
    }),
    ApiBadRequestResponse({ description: 'No reason, or no Idempotency-Key, or one out of its bounds' }),
    ApiNotFoundResponse({ description: 'Landfall does not know this subscription: code `NOT_FOUND`' }),
    ApiConflictResponse({ description: 'It waits for no such decision; the detail says why, and what to do: code `REFUSED`' }),
    ApiUnprocessableEntityResponse({ description: 'The key was used for another act: code `IDEMPOTENCY_KEY_REUSED`' }),
  );
}
