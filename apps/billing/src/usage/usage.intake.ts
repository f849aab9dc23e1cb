import { usageRefused, type Draft } from '@landfall/contracts';
import type { Transaction } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { config } from '../billing.config';
import { endOf, hourOf } from '../ledger/hours';
import { KnownOffers } from './known.offers';
import type { Arrival, Identified, Refusal, UsageRecord, Verdict } from './usage';
import { isSame, keyOf, otherContent, readRecord, refusal, refusedByTime, type Reading } from './usage.domain';
import { UsageRepository, type HeldArrival, type RefusedArrival, type StoredRecord } from './usage.repository';

/** What became of each arrival, in their order, and what is told of it. */
export interface Settled {
  readonly verdicts: readonly Verdict[];
  /** By which whoever reported it knows it again. */
  readonly identified: readonly Identified[];
  readonly effects: readonly Draft[];
  /** How many of those that count came when the grace of their hour was over. */
  readonly late: number;
}

/** An arrival that could be read. */
interface Candidate {
  readonly position: number;
  readonly arrival: Arrival;
  readonly record: UsageRecord;
}

/** A batch may bring one source and id more than once. So often they are compared anew; what then still has other content is refused. */
const ROUNDS = 2;

/** The one path behind topic and HTTP: every record of a product ends as accepted, duplicate, held or refused, in the transaction of its batch. */
@Injectable()
export class UsageIntake {
  constructor(
    private readonly usage: UsageRepository,
    private readonly offers: KnownOffers,
    private readonly clock: Clock,
  ) {}

  async settle(tx: Transaction, arrivals: readonly Arrival[]): Promise<Settled> {
    const verdicts = new Array<Verdict | undefined>(arrivals.length);
    const readings = arrivals.map(({ bytes }) => readRecord(bytes));
    let candidates: Candidate[] = [];
    readings.forEach((reading, position) => {
      if ('refusal' in reading) verdicts[position] = reading.refusal;
      else candidates.push({ position, arrival: arrivals[position]!, record: reading.record });
    });
    for (let round = 1; candidates.length > 0 && round <= ROUNDS; round++) candidates = await this.round(tx, candidates, verdicts);
    for (const { position } of candidates) verdicts[position] = otherContent;
    const identified = readings.map(identifiedBy);
    const refused = arrivals.flatMap((arrival, position): RefusedArrival[] => {
      const verdict = verdicts[position]!;
      return verdict.result === 'refused' ? [{ ...verdict, arrival, identified: identified[position]! }] : [];
    });
    const late = readings.filter((reading, position) => verdicts[position]!.result === 'accepted' && this.isLate(reading)).length;
    return { verdicts: verdicts as Verdict[], identified, effects: await this.keepRefused(tx, refused), late };
  }

  /** Of a record that SQL refuses also alone. */
  async refuse(tx: Transaction, arrival: Arrival, reason: string): Promise<Settled> {
    const verdict = refusal('not-storable', reason);
    const identified = identifiedBy(readRecord(arrival.bytes));
    const effects = await this.keepRefused(tx, [{ ...verdict, arrival, identified }]);
    return { verdicts: [verdict], identified: [identified], effects, late: 0 };
  }

  private isLate(reading: Reading): boolean {
    const now = this.clock.now().getTime();
    return 'record' in reading && endOf(hourOf(Date.parse(reading.record.usedAt))) + config.values.USAGE_GRACE <= now;
  }

  /** @returns what is told of those that were not kept before */
  async keepRefused(tx: Transaction, refused: readonly RefusedArrival[]): Promise<Draft[]> {
    const kept = await this.usage.refuse(tx, refused);
    const refusedAt = this.clock.now().toISOString();
    return kept.flatMap((position) => {
      const { identified, reason } = refused[position]!;
      const { subscriptionId, source = '', id = '' } = identified;
      return subscriptionId === undefined ? [] : [usageRefused({ subscriptionId, source, id, reason, refusedAt })];
    });
  }

  /** Stores records that are all different; of those that were there before, says whether they are the same. */
  async store(tx: Transaction, records: readonly UsageRecord[]): Promise<Verdict[]> {
    const verdicts = records.map((): Verdict => ({ result: 'accepted' }));
    const known = await this.usage.store(tx, records);
    const stored = storedByKey(
      await this.usage.find(
        tx,
        known.map((position) => records[position]!),
      ),
    );
    for (const position of known) verdicts[position] = verdictOf(records[position]!, stored.get(keyOf(records[position]!))!);
    return verdicts;
  }

  /**
   * Settles the first of each source and id; what has the same content shares its verdict.
   * @returns those with other content, which are compared with what is stored now
   */
  private async round(tx: Transaction, candidates: readonly Candidate[], verdicts: (Verdict | undefined)[]): Promise<Candidate[]> {
    const firsts = new Map<string, Candidate>();
    for (const candidate of candidates) if (!firsts.has(keyOf(candidate.record))) firsts.set(keyOf(candidate.record), candidate);
    await this.settleFirsts(tx, [...firsts.values()], verdicts);
    const others: Candidate[] = [];
    for (const candidate of candidates) {
      const first = firsts.get(keyOf(candidate.record))!;
      if (candidate === first) continue;
      if (isSame(candidate.record, first.record)) verdicts[candidate.position] = again(verdicts[first.position]!);
      else others.push(candidate);
    }
    return others;
  }

  private async settleFirsts(tx: Transaction, firsts: readonly Candidate[], verdicts: (Verdict | undefined)[]): Promise<void> {
    const offers = await this.offers.of(
      tx,
      firsts.map(({ record }) => record.subscriptionId),
    );
    const now = this.clock.now();
    const admitted: Candidate[] = [];
    const refused: (Candidate & { readonly refusal: Refusal })[] = [];
    const held: (Candidate & HeldArrival)[] = [];
    for (const candidate of firsts) {
      const byTime = refusedByTime(candidate.record, now, config.values.USAGE_ALLOWED_LATENESS);
      const waitsFor = byTime ? undefined : this.offers.missing(candidate.record, offers);
      if (byTime) refused.push({ ...candidate, refusal: byTime });
      else if (waitsFor) held.push({ ...candidate, waitsFor });
      else admitted.push(candidate);
    }
    await this.settleDoubtful(tx, refused, held, verdicts);
    const stored = await this.store(
      tx,
      admitted.map(({ record }) => record),
    );
    admitted.forEach(({ position }, index) => (verdicts[position] = stored[index]));
  }

  /** What was taken before is a duplicate, also where it would be refused or held by now: Kafka may deliver it again weeks later. */
  private async settleDoubtful(
    tx: Transaction,
    refused: readonly (Candidate & { readonly refusal: Refusal })[],
    held: readonly (Candidate & HeldArrival)[],
    verdicts: (Verdict | undefined)[],
  ): Promise<void> {
    const stored = storedByKey(
      await this.usage.find(
        tx,
        [...refused, ...held].map(({ record }) => record),
      ),
    );
    for (const one of refused) {
      const known = stored.get(keyOf(one.record));
      verdicts[one.position] = known && isSame(known, one.record) ? verdictOf(one.record, known) : one.refusal;
    }
    const fresh = held.filter(({ record }) => !stored.has(keyOf(record)));
    const taken = new Set(await this.usage.hold(tx, fresh));
    const others = storedByKey(
      await this.usage.find(
        tx,
        fresh.filter((_, index) => taken.has(index)).map(({ record }) => record),
      ),
    );
    for (const { record, position, waitsFor } of held) {
      const known = stored.get(keyOf(record)) ?? others.get(keyOf(record));
      verdicts[position] = known ? verdictOf(record, known) : { result: 'held', waitsFor };
    }
  }
}

const identifiedBy = (reading: Reading): Identified => ('record' in reading ? reading.record : reading.identified);

/** The counted one comes last, and counts. */
const storedByKey = (records: readonly StoredRecord[]): Map<string, StoredRecord> =>
  new Map(records.map((record) => [keyOf(record), record]));

function verdictOf(record: UsageRecord, stored: StoredRecord): Verdict {
  if (!isSame(record, stored)) return otherContent;
  return stored.waitsFor ? { result: 'held', waitsFor: stored.waitsFor } : { result: 'duplicate' };
}

/** Of the same record a second time in one batch. */
const again = (verdict: Verdict): Verdict => (verdict.result === 'accepted' ? { result: 'duplicate' } : verdict);
