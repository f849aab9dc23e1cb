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
    ageGauge('reconciliation_unanswered_seconds', 'Age of the oldest question of a sweep that no operator has answered', () =>
      this.age(`select min(ended_at) as since from fulfillment.reconciliations r where ${isAsking('r')} and registration = any($1)`),
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
