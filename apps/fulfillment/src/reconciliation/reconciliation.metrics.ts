import { DEFAULT_REGISTRATION } from '@landfall/contracts';
import { ageGauge, beginAtZero, countGauge, counter } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RegistrationClients } from '../registration/registration.clients';
import { isAsking, mayBeMissing } from './observation.repository';
import { isStillDismissed } from './operators/dismissal.sql';
import { questions } from './reconciliation';

const outcomes = ['complete', 'incomplete'] as const;

export const sweepsEnded = counter(
  'reconciliation_sweeps_total',
  'Sweeps over the list of Microsoft that have ended, by registration and outcome',
  {
    registration: [DEFAULT_REGISTRATION],
    outcome: outcomes,
  },
);

/** Alarmed at the first: an operator is asked. */
export const questionsAsked = counter(
  'reconciliation_questions_total',
  'Complete sweeps after which an operator is asked, by registration and question',
  { registration: [DEFAULT_REGISTRATION], question: questions },
);

/** Alarmed at the first. */
export const subscriptionsMissing = counter(
  'reconciliation_missing_subscriptions_total',
  'Subscriptions that the record has and three complete sweeps in a row did not show, by registration',
  { registration: [DEFAULT_REGISTRATION] },
);

export const entriesUnnamed = counter(
  'reconciliation_unnamed_entries_total',
  'Entries of Microsoft’s list that do not say of which subscription they are, by registration: a sweep that meets one calls nothing missing',
  { registration: [DEFAULT_REGISTRATION] },
);

/** Further registrations are known when the service starts. */
export function beginReconciliationsAtZero(names: readonly string[]): void {
  beginAtZero(sweepsEnded, { registration: names, outcome: outcomes });
  beginAtZero(questionsAsked, { registration: names, question: questions });
  beginAtZero(subscriptionsMissing, { registration: names });
  beginAtZero(entriesUnnamed, { registration: names });
}

/**
 * Each sweep asks anew, so a question is as old as the first of the sweeps in a row that asked it: else it would never be older than the time between two of them.
 * The row ends at a complete sweep that did not ask, and at an operator's answer.
 */
const askedSince = `
  select min(first.ended_at) as since
    from fulfillment.reconciliations r
   cross join lateral unnest(r.asks) as open (question)
   cross join lateral (
         select max(b.ended_at) as at from fulfillment.reconciliations b
          where b.registration = r.registration and b.ended_at < r.ended_at
            and ((b.state = 'complete' and open.question <> all(b.asks)) or b.answers ->> open.question <> 'superseded')) as before
    join fulfillment.reconciliations first
      on first.registration = r.registration and open.question = any(first.asks) and first.ended_at <= r.ended_at
     and (before.at is null or first.ended_at > before.at)
   where ${isAsking('r')} and r.registration = any($1) and not r.answers ? open.question`;

/** How long nothing was reconciled, how long an operator has been asked, and what was dismissed: of the registrations that the settings name. */
@Injectable()
export class ReconciliationMetrics implements OnModuleInit {
  constructor(
    private readonly database: DataSource,
    private readonly clients: RegistrationClients,
  ) {}

  onModuleInit(): void {
    ageGauge(
      'reconciliation_last_complete_seconds',
      'Time since the last complete sweep, of the registration that has waited longest',
      () =>
        this.age(
          'select min(coalesce(last_complete_at, due_at)) as since from fulfillment.reconciliation_schedules where registration = any($1)',
        ),
    );
    ageGauge(
      'reconciliation_unanswered_seconds',
      'Age of the oldest question that no operator has answered, since the first sweep that asked it',
      () => this.age(askedSince),
    );
    countGauge(
      'reconciliation_dismissed_subscriptions',
      'Subscriptions that differ from Microsoft, or are missing there, and about which an operator has said that nothing is to follow',
      () => this.dismissed(),
    );
  }

  /** Of both kinds: what differs, and what is missing. */
  private async dismissed(): Promise<number> {
    const [row] = await this.database.query<[{ count: number }]>(
      `select count(*)::int as count from fulfillment.observations o
         left join fulfillment.reconciliations d on d.id = o.answered_in
         left join fulfillment.subscription_registrations b on b.subscription_id = o.subscription_id
         left join fulfillment.reconciliation_schedules s on s.registration = b.registration
        where (o.answered_in is not null or o.missing_since is not null) and coalesce(b.registration, d.registration) = any($1)
          and (${isStillDismissed} or (${mayBeMissing} and o.record ->> 'status' <> 'Unsubscribed'))`,
      [this.clients.names],
    );
    return row.count;
  }

  private async age(since: string): Promise<number> {
    const [row] = await this.database.query<[{ seconds: number }]>(
      `select greatest(0, coalesce(extract(epoch from now() - since), 0))::float8 as seconds from (${since}) as oldest`,
      [this.clients.names],
    );
    return row.seconds;
  }
}
