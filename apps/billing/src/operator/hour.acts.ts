import { randomUUID } from 'node:crypto';
import { CatalogInForce } from '@landfall/catalog';
import { usageWrittenOff, type Catalog } from '@landfall/contracts';
import {
  changed,
  OperatorActs,
  refused,
  type Effect,
  type OperatorAct,
  type Outcome,
  type RecordedAct,
  type Transaction,
} from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Inject, Injectable } from '@nestjs/common';
import { isoOf } from '../ledger/hours';
import type { BilledHour, Ledger } from '../ledger/ledger';
import { decimalOf } from '../ledger/micros';
import { toldOfAccepted } from '../report/accepted.events';
import { DecisionRepository, type Decision } from '../report/decision.repository';
import { batchesOf, commandOf, type ReportedHour } from '../report/report.domain';
import { LedgerRepository } from '../rounds/ledger.repository';
import { ledgerOf } from '../rounds/round.domain';
import { SubscriptionRepository } from '../subscription/subscription.repository';
import { actedOn, type HourAct } from './hour.act.domain';
import type { HourKey } from './hour.view';

/** The hour of an act, in the ledger that it stands in. */
interface Standing {
  readonly reported: ReportedHour;
  readonly ledger: Ledger;
  readonly decision?: Decision;
}

/** What operators decide about hours that are held or uncertain. Each is recorded as an act, in the transaction that does it. */
@Injectable()
export class HourActs {
  constructor(
    private readonly acts: OperatorActs,
    private readonly subscriptions: SubscriptionRepository,
    private readonly ledgers: LedgerRepository,
    private readonly decisions: DecisionRepository,
    private readonly clock: Clock,
    @Inject(CatalogInForce) private readonly catalog: { readonly current: Catalog },
  ) {}

  /** @throws SubjectMissing, Refused */
  perform(key: HourKey, act: HourAct, by: OperatorAct): Promise<RecordedAct> {
    const subject = `usage-hours/${key.subscriptionId}/${key.dimension}/${isoOf(key.hour)}`;
    return this.acts.perform<Standing>(`usage-hour.${act.kind}`, subject, by, {
      key: subject,
      load: async (tx) => {
        const standing = await this.load(tx, key);
        return new Map(standing ? [[subject, standing] as const] : []);
      },
      decide: (standing) => decide(standing, act, by, this.clock.now().getTime()),
      save: (tx, changes) =>
        this.decisions.save(
          tx,
          changes.flatMap(({ decision }) => decision ?? []),
        ),
      seen: ({ reported: { hour }, decision }) => seen(decision?.after.hour ?? hour),
    });
  }

  /** Under the lock of its subscription. */
  private async load(tx: Transaction, { subscriptionId, dimension, hour }: HourKey): Promise<Standing | null> {
    const known = await this.subscriptions.lockKnown(tx, [subscriptionId]);
    if (known.size === 0) return null;
    const [loaded] = await this.ledgers.load(tx, { ids: [subscriptionId], from: hour });
    const found = loaded?.hours.find((one) => one.dimension === dimension && one.hour === hour);
    if (!loaded || !found) return null;
    const { publisherId, offerId } = loaded.subscription;
    return {
      reported: { subscriptionId, publisherId, offerId, hour: found },
      ledger: ledgerOf(loaded, { catalog: this.catalog.current, modes: [] }),
    };
  }
}

function decide(standing: Standing, act: HourAct, { actor, reason }: OperatorAct, now: number): Outcome<Standing> {
  const { reported, ledger } = standing;
  const acted = actedOn(ledger, reported.hour, act, now);
  if ('refusal' in acted) return refused(acted.refusal);
  const after: ReportedHour = { ...reported, hour: acted.hour };
  const batches = after.hour.state === 'waiting' ? batchesOf([after], randomUUID) : [];
  const decision: Decision = {
    ...{ before: reported.hour, after, batchId: batches[0]?.batchId ?? null },
    decidedBy: { by: 'operator', at: isoOf(now), act: act.kind, actor, reason },
  };
  return changed({ ...standing, decision }, ...batches.map(commandOf), ...toldOf(decision, isoOf(now)));
}

/** What products are told. */
function toldOf({ after, before }: Decision, at: string): Effect[] {
  const { subscriptionId, publisherId, offerId, hour } = after;
  if (hour.state !== 'written-off') return toldOfAccepted(after, before, { usageEventId: null, acceptedAt: at, foundAt: at });
  const about = { subscriptionId, publisherId, offerId, planId: hour.planId, dimension: hour.dimension };
  return [usageWrittenOff({ ...about, quantity: decimalOf(hour.quantity), reason: 'operator', writtenOffAt: at })];
}

const seen = ({ state, quantity, reason }: BilledHour) => ({ state, quantity: decimalOf(quantity), reason });
