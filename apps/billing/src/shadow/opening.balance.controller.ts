import { decimal } from '@landfall/contracts';
import { actRequest, documentation, Marks, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, DescribedBy, ManagementController, ParseId, RequiresRole } from '@landfall/service-defaults';
import { Body, HttpCode, HttpStatus, Param, Post, type Type } from '@nestjs/common';
import { z } from 'zod';
import { microsOf } from '../ledger/micros';
import { OpeningBalance } from './opening.balance';

const openingRequest = actRequest.extend({
  planId: z.string().min(1).max(50).describe('As the catalog names it'),
  meter: z.string().min(1).max(100).describe('As the catalog names it'),
  day: z.iso.date().describe('A day of the term, UTC: `2026-06-06`'),
  quantity: decimal
    .regex(/^[^-]/, 'must not be below 0')
    .describe('What was used in that term before Landfall counted; it replaces what was given before'),
});
type OpeningRequest = z.infer<typeof openingRequest>;

function describeOpening(controller: Type): void {
  const { describe, describesAct } = documentation();
  const summary = 'Say what was used in a term before Landfall counted: it uses up what the plan includes, and is never reported';
  const handlers = {
    give: describesAct(summary, 'The plan, meter or term is not one of the subscription’s; the detail says which: code `REFUSED`'),
  };
  describe(controller, handlers, 'subscriptions');
}

/** What was used before Landfall counted. */
@DescribedBy(describeOpening)
@ManagementController('subscriptions')
export class OpeningBalanceController {
  constructor(private readonly balance: OpeningBalance) {}

  @Post(':id/opening-balance')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  give(
    @Param('id', ParseId) id: string,
    @Body({ schema: openingRequest }) { reason, quantity, ...opening }: OpeningRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.balance.give(id.toLowerCase(), { ...opening, quantity: microsOf(quantity) }, { ...marks, reason, actor: actor.subject });
  }
}
