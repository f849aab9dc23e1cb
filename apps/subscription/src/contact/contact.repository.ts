import { CLOCK_TOLERANCE_MS, type Person } from '@landfall/contracts';
import { instantColumn, run, type Transaction, write } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import type { SubscriptionChange } from '../subscription/subscription';
import type { ContactRole, EncryptedContact } from './contact';

export interface StoredContact extends Pick<EncryptedContact, 'person' | 'encrypted'> {
  readonly subscriptionId: string;
  readonly role: ContactRole;
  readonly changedAt: string;
}

/** Serves one person's data at a time: what comes in while it is erased is not kept. Taken after the locks of rows, by both sides. */
const lockOf = (person: string): string => `hashtextextended('subscription.contact ' || ${person}, 0)`;

/** Personal data is in this table alone. */
@Injectable()
export class ContactRepository {
  /** What a batch brought of contact data. Of a person whose data was erased, only what they gave after that. */
  save(tx: Transaction, changes: readonly SubscriptionChange[]): void {
    const rows = changes.flatMap(({ subscription: { id }, newContacts }) =>
      [...new Map(newContacts.map((contact) => [contact.role, contact])).values()].map(({ role, person, encrypted, givenAt }) => ({
        ...{ id, role, ...person, encrypted, givenAt }, // the newest of each role
      })),
    );
    if (rows.length === 0) return;
    write(tx, `select pg_advisory_xact_lock_shared(${lockOf('person')}) from unnest($1::text[]) as person order by person`, [
      rows.map(keyOf).sort(),
    ]);
    write(tx, insert, [JSON.stringify(rows)]);
  }

  /** Of a subscription; none where nobody gave any. */
  async ofSubscription(tx: Transaction, id: string): Promise<StoredContact[]> {
    return run(tx, `${selectContacts} where subscription_id = $1 order by role`, [id]);
  }

  async ofPerson(tx: Transaction, { tenantId, objectId }: Person): Promise<StoredContact[]> {
    return run(tx, `${selectContacts} where tenant_id = $1 and object_id = $2 order by subscription_id, role`, [tenantId, objectId]);
  }

  /** The subscriptions that a person bought, uses or is a contact of, in id order. */
  async subscriptionsOf(tx: Transaction, person: Person): Promise<string[]> {
    return (await run<{ id: string }>(tx, selectSubscriptions, identityOf(person))).map(({ id }) => id);
  }

  /**
   * The same for an erasure. They are locked, and then the person, so that nobody brings anything of theirs before the transaction ends; and read once more when
   * nobody does: what was waited for may have brought the person into another subscription.
   */
  async lockSubscriptionsOf(tx: Transaction, person: Person): Promise<string[]> {
    await run(tx, `${selectSubscriptions} for update of s`, identityOf(person));
    await run(tx, `select pg_advisory_xact_lock(${lockOf('$1')})`, [keyOf(person)]);
    return this.subscriptionsOf(tx, person);
  }

  /**
   * Deletes what is stored, and remembers that it was: from now on nothing that was given before is kept. `aheadMs`: how far business time, by which a person's
   * act is dated, is ahead of the database's. What is given within the tolerance of two clocks after it counts as given before.
   */
  async erase(tx: Transaction, erasureId: string, { tenantId, objectId }: Person, aheadMs: number): Promise<void> {
    await run(tx, 'delete from subscription.contacts where tenant_id = $1 and object_id = $2', [tenantId, objectId]);
    await run(
      tx,
      `insert into subscription.erasures (id, tenant_id, object_id, requested_at, drops_until)
       values ($1, $2, $3, clock_timestamp(), clock_timestamp() + $4 * interval '1 millisecond')`,
      [erasureId, tenantId, objectId, aheadMs + CLOCK_TOLERANCE_MS],
    );
  }
}

const identityOf = ({ tenantId, objectId }: Person): string[] => [JSON.stringify({ tenantId, objectId }), tenantId, objectId];

const keyOf = ({ tenantId, objectId }: Person): string => `${tenantId} ${objectId}`;

const selectContacts = `select subscription_id as "subscriptionId", role, json_build_object('tenantId', tenant_id, 'objectId', object_id) as person, encrypted,
  ${instantColumn('changed_at')} as "changedAt" from subscription.contacts`;

const selectSubscriptions = `
  select s.id from subscription.subscriptions s
   where s.beneficiary = $1::jsonb or s.purchaser = $1::jsonb
      or s.id in (select subscription_id from subscription.contacts where tenant_id = $2 and object_id = $3)
   order by s.id`;

const insert = `
  insert into subscription.contacts (subscription_id, role, tenant_id, object_id, encrypted)
  select id, role, "tenantId", "objectId", encrypted
    from jsonb_to_recordset($1::jsonb) as t (id uuid, role text, "tenantId" text, "objectId" text, encrypted text, "givenAt" timestamptz)
   where not exists (select from subscription.erasures e where e.tenant_id = t."tenantId" and e.object_id = t."objectId"
                        and (t."givenAt" is null or e.drops_until >= t."givenAt"))
  on conflict (subscription_id, role) do update set (tenant_id, object_id, encrypted, changed_at)
                                      = (excluded.tenant_id, excluded.object_id, excluded.encrypted, now())`;
