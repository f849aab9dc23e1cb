import { documentation, inTransaction, pageOf, run, type Page } from '@landfall/messaging';
import { answerWithin, DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { Get, NotFoundException, Query, Res, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { auditedView, auditQuery, viewOf, type AuditedView, type AuditQuery } from './audit.view';
import { UsageAudit } from './usage.audit';

/** Long histories are summed up for seconds. */
const LIMIT_MS = 30_000;
const AFTER_LIMIT_MS = 1_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

function describeAudit(controller: Type): void {
  const { describe, describesPage, whereKnown } = documentation();
  const page = describesPage('What became of all that was recorded, by subscription, plan and meter, compared now', auditedView);
  describe(controller, { page: [...page, whereKnown('subscription')] }, 'usage');
}

/** The sums that must agree, for people. */
@DescribedBy(describeAudit)
@ManagementController('usage')
export class AuditController {
  constructor(
    private readonly database: DataSource,
    private readonly audit: UsageAudit,
  ) {}

  /** All of a page as it was at one moment. It changes nothing: what it finds is told by the next check as well. */
  @Get('sums')
  @RequiresRole('landfall.read')
  async page(
    @Query({ schema: auditQuery }) { subscriptionId, limit, after }: AuditQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<AuditedView>> {
    answerWithin(reply, LIMIT_MS + AFTER_LIMIT_MS);
    const audited = await inTransaction(
      this.database,
      async (tx) => {
        await run(tx, 'set transaction isolation level repeatable read, read only', []);
        const rows = await run<{ id: string }>(
          tx,
          `select id from billing.subscriptions where ($1::uuid is null or id = $1) and id > $2::uuid order by id limit $3`,
          [subscriptionId ?? null, after ?? FIRST_ID, limit + 1],
        );
        const ids = rows.map(({ id }) => id);
        return [...(await this.audit.of(tx, ids.slice(0, limit), 'all')), ...ids.slice(limit).map(following)];
      },
      LIMIT_MS,
    );
    if (subscriptionId && audited.length === 0) throw new NotFoundException(`Landfall does not know subscription ${subscriptionId}`);
    return pageOf(audited, limit, (one) => one.subscriptionId, viewOf);
  }
}

/** One more than the page holds, which only tells that something follows. */
const following = (subscriptionId: string) => ({ subscriptionId, sums: [], differences: [] });
