import { Injectable } from '@nestjs/common';
import { MicroBatch } from '@landfall/messaging';
import { DataSource } from 'typeorm';
import type { Belonging } from './registration.domain';

/** Lookups that begin at the same time share a query. One that takes so long is not waited for. */
const LIMITS = { size: 500, limit: 5_000, maxAgeMs: 700, limitMs: 700 };

/** To which registration each subscription belongs. Written once, when Microsoft first shows it, and never changed. */
@Injectable()
export class RegistrationRepository {
  private readonly lookups = new MicroBatch<string, Belonging>((ids) => this.find(ids), LIMITS);

  constructor(private readonly database: DataSource) {}

  /** @throws Overloaded where it can't be read in time */
  belongingOf(subscriptionId: string): Promise<Belonging> {
    return this.lookups.add(subscriptionId);
  }

  /** Durable before it returns, so that nothing about a subscription is published that is bound to none. @returns to which it is bound now */
  async bind(subscriptionId: string, registration: string): Promise<string> {
    const inserted = await this.database.query<unknown[]>(
      `insert into fulfillment.subscription_registrations (subscription_id, registration) values ($1, $2)
       on conflict do nothing returning registration`,
      [subscriptionId, registration],
    );
    if (inserted.length > 0) return registration;
    const rows = await this.database.query<{ registration: string }[]>(
      'select registration from fulfillment.subscription_registrations where subscription_id = $1',
      [subscriptionId],
    );
    return rows[0]!.registration;
  }

  private async find(subscriptionIds: string[]): Promise<Belonging[]> {
    return this.database.query<Belonging[]>(
      `select bound.registration as "boundTo",
              array(select o.registration from fulfillment.operations o
                     where bound.registration is null and o.subscription_id = wanted.id
                     group by o.registration order by min(o.first_look_at)) as "announcedTo"
         from unnest($1::uuid[]) with ordinality as wanted (id, place)
         left join fulfillment.subscription_registrations bound on bound.subscription_id = wanted.id
        order by wanted.place`,
      [subscriptionIds],
    );
  }
}
