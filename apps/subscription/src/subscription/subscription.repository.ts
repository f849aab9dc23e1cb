import { Inject, Injectable, Logger } from '@nestjs/common';
import { instantColumn, run, type Transaction, write } from '@landfall/messaging';
import { ContactRepository } from '../contact/contact.repository';
import { deadlineOf, nextMilestoneOf } from '../deadline/deadline.domain';
import { DriftRepository } from '../drift/drift.repository';
import { HistoryRepository } from '../history/history.repository';
import { OperationRepository } from '../operation/operation.repository';
import { RemarkRecorder } from '../operation/remark.recorder';
import { RequestRepository } from '../request/request.repository';
import { unchanged, type Subscription, type SubscriptionChange } from './subscription';

/** Nest's token for how far a copy at Microsoft may lag, in milliseconds (rule 2). */
export const COPY_LAG = Symbol('COPY_LAG');

@Injectable()
export class SubscriptionRepository {
  private readonly logger = new Logger(SubscriptionRepository.name);

  private readonly remarks = new RemarkRecorder();

  constructor(
    private readonly operations: OperationRepository,
    private readonly requests: RequestRepository,
    private readonly drifts: DriftRepository,
    private readonly history: HistoryRepository,
    private readonly contacts: ContactRepository,
    @Inject(COPY_LAG) private readonly copyLagMs: number,
  ) {}

  /** In id order: two writers that share rows then wait for each other instead of deadlocking. What belongs to the rows is read behind their lock, in the same round trip. */
  async lock(tx: Transaction, ids: string[]): Promise<Map<string, SubscriptionChange>> {
    const [rows, operations, requests, drifts] = await Promise.all([
      run<Subscription>(
        tx,
        `select ${subscriptionColumns} from subscription.subscriptions s where s.id = any($1) order by s.id for update of s`,
        [ids],
      ),
      this.operations.find(tx, ids),
      this.requests.findPending(tx, ids),
      this.drifts.findOpen(tx, ids),
    ]);
    return new Map(
      rows.map((row) => [row.id, unchanged(row, this.copyLagMs, operations.get(row.id), requests.get(row.id), drifts.get(row.id))]),
    );
  }

  /** A row can't be locked before it exists: only fulfillment's events create one, and one topic's messages of a key never run side by side. */
  async save(tx: Transaction, changes: SubscriptionChange[]): Promise<void> {
    write(tx, upsert, [JSON.stringify(changes.map(({ subscription }) => ({ ...subscription, ...deadlineColumns(subscription) })))]);
    this.operations.save(tx, changes);
    this.requests.save(tx, changes);
    await this.drifts.save(tx, changes);
    this.history.add(tx, changes);
    this.contacts.save(tx, changes);
    for (const { subscription, alarms, remarks } of changes) {
      for (const words of alarms) this.logger.error({ subscriptionId: subscription.id }, words);
      for (const remark of remarks) this.remarks.record(subscription.id, remark);
    }
  }
}

/** The columns of `subscription.subscriptions s` by the names of `Subscription`. */
export const subscriptionColumns = `
  s.id, s.publisher_id as "publisherId", s.offer_id as "offerId", s.is_preview as "isPreview", s.plan_id as "planId", s.quantity,
  s.status, s.stage, s.access, s.term, s.auto_renew as "autoRenew", s.is_free_trial as "isFreeTrial",
  s.allowed_customer_operations as "allowedCustomerOperations", s.private_offer_id as "privateOfferId",
  ${instantColumn('s.purchased_at')} as "purchasedAt", s.beneficiary, s.purchaser, s.tenant_reference as "tenantReference",
  s.activated as "isActivated", s.failure_reason as "failureReason", s.rejection_reason as "rejectionReason",
  s.cancellation_request_id as "cancellationRequestId", s.imported, s.version, s.sequence, ${instantColumn('s.as_of')} as "asOf",
  s.first_read_no::float8 as "firstReadNo", ${instantColumn('s.first_read_date')} as "firstReadDate", ${instantColumn('s.last_subscribed_date')} as "lastSubscribedDate", s.members,
  s.ordered_reads as "orderedReads", ${instantColumn('s.grace_ends_at')} as "graceEndsAt", s.passed_milestones as "passedMilestones"`;

const fields = [
  ['id', 'id', 'uuid'],
  ['publisher_id', 'publisherId', 'text'],
  ['offer_id', 'offerId', 'text'],
  ['is_preview', 'isPreview', 'boolean'],
  ['plan_id', 'planId', 'text'],
  ['quantity', 'quantity', 'int'],
  ['status', 'status', 'text'],
  ['stage', 'stage', 'text'],
  ['access', 'access', 'text'],
  ['term', 'term', 'jsonb'],
  ['auto_renew', 'autoRenew', 'boolean'],
  ['is_free_trial', 'isFreeTrial', 'boolean'],
  ['allowed_customer_operations', 'allowedCustomerOperations', 'text[]'],
  ['private_offer_id', 'privateOfferId', 'text'],
  ['purchased_at', 'purchasedAt', 'timestamptz'],
  ['beneficiary', 'beneficiary', 'jsonb'],
  ['purchaser', 'purchaser', 'jsonb'],
  ['tenant_reference', 'tenantReference', 'text'],
  ['activated', 'isActivated', 'boolean'],
  ['failure_reason', 'failureReason', 'text'],
  ['rejection_reason', 'rejectionReason', 'text'],
  ['cancellation_request_id', 'cancellationRequestId', 'uuid'],
  ['imported', 'imported', 'boolean'],
  ['version', 'version', 'int'],
  ['sequence', 'sequence', 'int'],
  ['as_of', 'asOf', 'timestamptz'],
  ['first_read_no', 'firstReadNo', 'bigint'],
  ['first_read_date', 'firstReadDate', 'timestamptz'],
  ['last_subscribed_date', 'lastSubscribedDate', 'timestamptz'],
  ['members', 'members', 'jsonb'],
  ['ordered_reads', 'orderedReads', 'int'],
  ['grace_ends_at', 'graceEndsAt', 'timestamptz'],
  ['passed_milestones', 'passedMilestones', 'jsonb'],
  ['deadline_at', 'deadlineAt', 'timestamptz'],
  ['next_milestone_at', 'nextMilestoneAt', 'timestamptz'],
] as const;

const list = (write: (field: (typeof fields)[number]) => string): string => fields.map(write).join(', ');

/** What the deadline watch looks for. It follows from the record, so that each change of that moves it. */
const deadlineColumns = (subscription: Subscription) => ({
  deadlineAt: deadlineOf(subscription)?.at ?? null,
  nextMilestoneAt: nextMilestoneOf(subscription)?.dueAt ?? null,
});

/** A read that shows nothing new, or a reminder, is stored, but leaves `changed_at` as it is: how long a set-up has been waiting is what alarms. */
const hasChanged = `(excluded.version, excluded.failure_reason) is distinct from (stored.version, stored.failure_reason)
  and excluded.passed_milestones = stored.passed_milestones`;

/** Changes meanwhile make no subscription younger that is billed and has nothing to use. */
const firstSubscribedAt = `case when status = 'Subscribed' then now() end`;

const upsert = `
  insert into subscription.subscriptions as stored (${list(([column]) => column)}, changed_at, first_subscribed_at)
  select ${list(([, name]) => `"${name}"`)}, now(), ${firstSubscribedAt}
    from jsonb_to_recordset($1::jsonb) as t (${list(([, name, type]) => `"${name}" ${type}`)})
  on conflict (id) do update set (${list(([column]) => column)}, changed_at, first_subscribed_at)
                         = (${list(([column]) => `excluded.${column}`)}, case when ${hasChanged} then now() else stored.changed_at end,
                            coalesce(stored.first_subscribed_at, excluded.first_subscribed_at))`;
