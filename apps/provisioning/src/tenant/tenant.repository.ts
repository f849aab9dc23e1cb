import { columns, run, type Transaction, write } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { unchanged, type Tenant, type TenantChange } from './tenant';

/** Ids share this many locks, since a large batch of new subscriptions must not fill the lock table of Postgres. */
const makingBuckets = 64; // a power of two

@Injectable()
export class TenantRepository {
  /**
   * The topics of this service are read side by side, and any of them may be the first to name a subscription. A row that does not exist
   * can't be locked, so the right to make one is: otherwise a request and an end that meet would each decide about nothing, and one
   * overwrite the other.
   */
  async lock(tx: Transaction, subscriptionIds: string[]): Promise<Map<string, TenantChange>> {
    const known = await this.lockRows(tx, subscriptionIds);
    const unknown = subscriptionIds.filter((id) => !known.has(id));
    if (unknown.length === 0) return known;
    await run(
      tx,
      `select pg_advisory_xact_lock(hashtext('provisioning.tenants'), bucket)
         from (select distinct hashtext(id::text) & ${makingBuckets - 1} as bucket from unnest($1::uuid[]) as id order by bucket) as wanted`,
      [unknown],
    );
    return new Map([...known, ...(await this.lockRows(tx, unknown))]); // somebody may have made them while we waited
  }

  /** In id order: two writers that share rows then wait for each other instead of deadlocking. */
  private async lockRows(tx: Transaction, subscriptionIds: string[]): Promise<Map<string, TenantChange>> {
    const rows = await run<Tenant>(
      tx,
      `select subscription_id as "subscriptionId", state, version, is_locked as "isLocked", tenant_reference as "tenantReference",
              attempts, waiting_since as "waitingSince", last_failure as "lastFailure",
              case when request_id is not null then json_build_object(
                'adapter', adapter, 'requestId', request_id, 'publisherId', publisher_id, 'offerId', offer_id, 'isPreview', is_preview,
                'planId', plan_id, 'quantity', quantity,
                'beneficiary', json_build_object('tenantId', beneficiary_tenant_id, 'objectId', beneficiary_object_id)) end as "order"
         from provisioning.tenants where subscription_id = any($1::uuid[]) order by subscription_id for update`,
      [subscriptionIds],
    );
    return new Map(rows.map((row) => [row.subscriptionId, unchanged(row)]));
  }

  save(tx: Transaction, changes: TenantChange[]): void {
    this.saveTenants(tx, changes);
    this.addSteps(tx, changes);
  }

  private saveTenants(tx: Transaction, changes: TenantChange[]): void {
    const rows = changes.map(({ tenant: { order, ...tenant } }) => ({
      ...tenant,
      ...order,
      beneficiaryTenantId: order?.beneficiary.tenantId,
      beneficiaryObjectId: order?.beneficiary.objectId,
    }));
    write(
      tx,
      `insert into provisioning.tenants (subscription_id, state, version, is_locked, tenant_reference, attempts, waiting_since, last_failure,
         adapter, request_id, publisher_id, offer_id, is_preview, plan_id, quantity, beneficiary_tenant_id, beneficiary_object_id)
       select * from unnest($1::uuid[], $2::text[], $3::int[], $4::boolean[], $5::text[], $6::int[], $7::timestamptz[], $8::text[],
         $9::text[], $10::uuid[], $11::text[], $12::text[], $13::boolean[], $14::text[], $15::int[], $16::text[], $17::text[])
       on conflict (subscription_id) do update set
         (state, version, is_locked, tenant_reference, attempts, waiting_since, last_failure, adapter, request_id, publisher_id, offer_id,
          is_preview, plan_id, quantity, beneficiary_tenant_id, beneficiary_object_id, updated_at)
         = (excluded.state, excluded.version, excluded.is_locked, excluded.tenant_reference, excluded.attempts, excluded.waiting_since,
            excluded.last_failure, excluded.adapter, excluded.request_id, excluded.publisher_id, excluded.offer_id, excluded.is_preview,
            excluded.plan_id, excluded.quantity, excluded.beneficiary_tenant_id, excluded.beneficiary_object_id, now())`,
      columns(
        rows,
        'subscriptionId',
        'state',
        'version',
        'isLocked',
        'tenantReference',
        'attempts',
        'waitingSince',
        'lastFailure',
        'adapter',
        'requestId',
        'publisherId',
        'offerId',
        'isPreview',
        'planId',
        'quantity',
        'beneficiaryTenantId',
        'beneficiaryObjectId',
      ),
    );
  }

  private addSteps(tx: Transaction, changes: TenantChange[]): void {
    const rows = changes.flatMap(({ tenant: { subscriptionId }, newSteps }) => newSteps.map((step) => ({ subscriptionId, ...step })));
    if (rows.length === 0) return;
    write(
      tx,
      `insert into provisioning.steps (subscription_id, step, at, version, reason)
       select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::int[], $5::text[])`,
      columns(rows, 'subscriptionId', 'step', 'at', 'version', 'reason'),
    );
  }
}
