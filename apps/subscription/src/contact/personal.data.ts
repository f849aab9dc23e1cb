import { randomUUID } from 'node:crypto';
import type { Person } from '@landfall/contracts';
import { ignored, instantColumn, OperatorActs, type ActStages, type OperatorAct, type RecordedAct } from '@landfall/messaging';
import { Clock, Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { HistoryReader } from '../history/history.reader';
import { SubscriptionRepository } from '../subscription/subscription.repository';
import { ContactRepository, type StoredContact } from './contact.repository';
import { exportedEntries, type ContactView, type ErasureView, type PersonExport } from './contact.view';
import { erasePerson, type ErasedPerson } from './erasure.domain';

/** What people may learn and erase of a person. Each look is recorded as an act, with its reason, before anything is shown. */
@Injectable()
export class PersonalData {
  constructor(
    private readonly acts: OperatorActs,
    private readonly contacts: ContactRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly history: HistoryReader,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    private readonly dataSource: DataSource,
  ) {}

  /** @throws SubjectMissing where the subscription is not known */
  async ofSubscription(id: string, by: Look): Promise<ContactView[]> {
    const found = await this.look('contacts.read', `subscriptions/${id}`, by, async (tx) => {
      const known = await this.subscriptions.lock(tx, [id]);
      return known.has(id) ? this.contacts.ofSubscription(tx, id) : undefined;
    });
    return this.opened(found);
  }

  /** Everything that is held of a person, also where that is nothing. */
  async export(person: Person, by: Look): Promise<PersonExport> {
    const found = await this.look('contacts.export', subjectOf(person), by, async (tx) => ({
      contacts: await this.contacts.ofPerson(tx, person),
      subscriptions: await this.contacts.subscriptionsOf(tx, person),
    }));
    const { subscriptions } = found;
    return {
      ...person,
      contacts: await this.opened(found.contacts),
      subscriptions,
      history: await this.history.actsOf(person.objectId, subscriptions, exportedEntries),
      erasures: (await this.erasures(person)).map(({ erasureId, requestedAt }) => ({ erasureId, requestedAt })),
    };
  }

  /** @throws Refused where the person belongs to more subscriptions than one message can name */
  erase(person: Person, by: OperatorAct): Promise<RecordedAct> {
    const erasureId = randomUUID();
    const key = subjectOf(person);
    return this.acts.perform<ErasedPerson>('contacts.erase', key, by, {
      key,
      load: async (tx) => {
        const subscriptionIds = await this.contacts.lockSubscriptionsOf(tx, person);
        return new Map([[key, { ...person, erasureId, subscriptionIds }]]);
      },
      decide: erasePerson,
      save: (tx) => this.contacts.erase(tx, erasureId, person, this.clock.aheadMs),
      seen: ({ subscriptionIds }) => ({ erasureId, subscriptions: subscriptionIds.length }),
    });
  }

  /** The newest first. */
  async erasures({ tenantId, objectId }: Person): Promise<ErasureView[]> {
    const rows: (Omit<ErasureView, 'erased'> & { erased: Partial<Record<string, string>> })[] = await this.dataSource.query(
      `select id as "erasureId", ${instantColumn('requested_at')} as "requestedAt", erased from subscription.erasures
        where tenant_id = $1 and object_id = $2 order by requested_at desc limit 100`,
      [tenantId, objectId],
    );
    return rows.map(({ erased, ...erasure }) => {
      const at = (service: string) => (erased[service] ? new Date(erased[service]).toISOString() : null);
      const progress = { subscription: at('subscription'), gateway: at('gateway') };
      return { ...erasure, erased: { ...progress, fulfillment: at('fulfillment'), provisioning: at('provisioning') } };
    });
  }

  /** Reads, and records that it was read, in one transaction. What is not there is not recorded. */
  private async look<Found>(
    act: `contacts.${string}`,
    subject: string,
    { actor, reason, correlationId }: Look,
    read: (...parameters: Parameters<ActStages<Found>['load']>) => Promise<Found | undefined>,
  ): Promise<Found> {
    const by = { actor, reason, correlationId, idempotencyKey: randomUUID() }; // each look is one
    let seen: Found | undefined;
    await this.acts.perform<Found>(act, subject, by, {
      key: subject,
      load: async (tx) => {
        seen = await read(tx);
        return seen === undefined ? new Map() : new Map([[subject, seen]]);
      },
      decide: () => ignored('nothing changes by a look'),
      save: async () => undefined,
      seen: () => ({}),
    });
    return seen!;
  }

  private opened(contacts: readonly StoredContact[]): Promise<ContactView[]> {
    return Promise.all(
      contacts.map(async ({ subscriptionId, role, person, encrypted, changedAt }) => {
        const { email, name } = JSON.parse(await this.keyring.decryptColumn(encrypted)) as { email?: string; name?: string };
        return { subscriptionId, role, ...person, email: email || null, name: name || null, changedAt };
      }),
    );
  }
}

export type Look = Pick<OperatorAct, 'actor' | 'reason' | 'correlationId'>;

const subjectOf = ({ tenantId, objectId }: Person): string => `contacts/${tenantId}/${objectId}`;
