import { offer } from '../usage/usage.system';
import type { ComparisonPlan, Scene } from './comparison.plan';
import type { ComparisonSystem } from './comparison.system';

const answers = {
  accepted: [
    { status: 'Accepted', requestId: '0c0c0c0c-0000-4000-8000-000000000001', usageEventId: '0c0c0c0c-0000-4000-8000-000000000002' },
  ],
  uncertain: [{ status: null, unanswered: 5, requestId: '0c0c0c0c-0000-4000-8000-000000000001' }],
} as const;

/** Subscriptions with an hour of each of their dimensions on that day, as if each had been handed over and answered, or never answered. */
export async function fillDay({ counters }: ComparisonSystem, plan: ComparisonPlan, scene: Scene, day: string): Promise<void> {
  await counters.query(
    `insert into billing.subscriptions (id, publisher_id, offer_id, is_preview, version, timeline, rates)
     select md5('usage ' || n)::uuid, $2, $3, false, 1, '[]', jsonb_build_object($4::text, jsonb_build_object('prices', '{}'::jsonb, 'included', '{}'::jsonb, 'readAt', now(), 'askedAt', 0))
       from generate_series(0, $1::int - 1) n`,
    [plan.subscriptions, offer.publisherId, offer.offerId, offer.planId],
  );
  await counters.query(
    `insert into billing.hours (subscription_id, dimension, hour, plan_id, meter, quantity, shares, state, effective_start, deadline, answers, handed_over_at)
     select md5('usage ' || n)::uuid, 'd' || d, hour, $3, 'm' || d, 1, jsonb_build_array(jsonb_build_object('term', $4::date, 'quantity', '1')), $5,
            hour, hour + interval '23 hours', $6::jsonb, hour + interval '75 minutes'
       from generate_series(0, $1::int - 1) n cross join generate_series(0, $2::int - 1) d
      cross join (select $4::date::timestamp at time zone 'UTC' + interval '10 hours' as hour) as at`,
    [plan.subscriptions, plan.dimensions, offer.planId, day, scene, JSON.stringify(answers[scene])],
  );
  await counters.query('vacuum analyze billing.hours');
  await counters.query('vacuum analyze billing.subscriptions');
}
