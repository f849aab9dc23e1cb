import type { Person } from '@landfall/contracts';
import { instantColumn, run, type Transaction } from '@landfall/messaging';
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
  async save(tx: Transaction, changes: readonly SubscriptionChange[]): Promise<void> {
    const rows = changes.flatMap(({ subscription: { id }, newContacts }) =>
      [...new Map(newContacts.map((contact) => [contact.role, contact])).values()].map(({ role, person, encrypted, givenAt }) => ({
        ...{ id, role, ...person, encrypted, givenAt }, // the newest of each role
      })),
    );
    if (rows.length === 0) return;
    await run(tx, `select pg_advisory_xact_lock_shared(${lockOf('person')}) from unnest($1::text[]) as person order by person`, [
      rows.map(keyOf).sort(),
    ]);
    await run(tx, insert, [JSON.stringify(rows)]);
  }

  /** Of a subscription; none where nobody gave any. */
  async ofSubscription(tx: Transaction, id: string): Promise<StoredContact[]> {
    return run(tx, `${selectContacts} where subscription_id = $1 order by role`, [id]);
  }

  async ofPerson(tx: Transaction, { tenantId, objectId }: Person): Promise<StoredContact[]> {
    return run(tx, `${selectContacts} where tenant_id = $1 and object_id = $2 order by subscription_id, role`, [tenantId, objectId]);
  }

  /** The subscriptions that a person bought, uses or is a contact of, in id order; with `isToBeErased` they are locked first, and then the person. */
  async subscriptionsOf(tx: Transaction, person: Person, isToBeErased: boolean): Promise<string[]> {
    const { tenantId, objectId } = person;
    const identity = JSON.stringify({ tenantId, objectId });
    const rows = await run<{ id: string }>(tx, isToBeErased ? `${selectSubscriptions} for update of s` : selectSubscriptions, [
      identity,
      tenantId,
      objectId,
    ]);
    if (isToBeErased) await run(tx, `select pg_advisory_xact_lock(${lockOf('$1')})`, [keyOf(person)]);
    return rows.map(({ id }) => id);
  }

  /** Deletes what is stored, and remembers that it was: from now on nothing of before is kept. */
  async erase(tx: Transaction, erasureId: string, { tenantId, objectId }: Person): Promise<void> {
    await run(tx, 'delete from subscription.contacts where tenant_id = $1 and object_id = $2', [tenantId, objectId]);
    await run(tx, 'insert into subscription.erasures (id, tenant_id, object_id, requested_at) values ($1, $2, $3, clock_timestamp())', [
      erasureId,
      tenantId,
      objectId,
    ]);
  }
}

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
                        and (t."givenAt" is null or e.requested_at >= t."givenAt"))
  on conflict (subscription_id, role) do update set (tenant_id, object_id, encrypted, changed_at)
                                      = (excluded.tenant_id, excluded.object_id, excluded.encrypted, now())`;
