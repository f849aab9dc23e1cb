import { decodeMessage, type Topic } from '@landfall/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { countsOf, loadStates, saveStates } from './batch';
import { decideInOrder, type AnyStages, type Decided, type Trialed } from './decide';
import { nextTrial } from './failure';
import { gatherAll } from './gather';
import { claimUnhandled } from './inbox';
import { Isolation } from './isolate';
import { SERVICE, type ServiceIdentity } from './messaging.config';
import { countMessages } from './metrics';
import { Outbox, type Committed } from './outbox';
import { Parking, type ParkedKey, type ParkedRow } from './parking';
import { tellFaults } from './parking.log';
import { FAULT_POINTS, RANDOMNESS, type FaultPoints, type Randomness } from './ports';
import { received } from './received';
import { inTransaction, type Transaction } from './transaction';

/** A message that stood still, on its next trial. */
export interface Replayed extends Trialed {
  readonly row: ParkedRow;
}

/** Decodes parked bytes by today's definitions: what an older version could not read may be readable now. */
export function replayed(topic: Topic, rows: readonly ParkedRow[]): Replayed[] {
  return rows.map((row) => {
    const decoded = decodeMessage(topic, row.value);
    const record = {
      ...received(topic, { lane: row.lane, offset: row.offset, value: row.value, kafkaKey: row.key }, decoded),
      key: row.key,
    };
    return { row, record, failure: decoded.kind === 'broken' ? { state: 'dead', reason: decoded.reason } : undefined };
  });
}

/** Runs the stages once more over messages that stood still, in order per key; the first one that fails again ends its key's turn. */
@Injectable()
export class ReplayRunner {
  private readonly parking: Parking;

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly isolation: Isolation,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(RANDOMNESS) private readonly randomness: Randomness,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {
    this.parking = new Parking(service.name);
  }

  async run(
    consumer: string,
    keys: readonly ParkedKey[],
    entries: readonly Replayed[],
    stages: AnyStages,
    only?: ReadonlySet<string>,
  ): Promise<void> {
    const byKey = new Map(keys.map((key) => [key.key, key]));
    const decidable = entries.filter((entry) => isOfInterest(entry, only));
    await gatherAll(decidable, stages, ({ record }) => {
      const { attempts = 0, since } = byKey.get(record.key) ?? {};
      return { number: attempts + 1, since: since?.toISOString() };
    });
    await this.isolation.commit(consumer, entries, (part) => this.commit(consumer, byKey, part, stages, only));
  }

  private async commit(
    consumer: string,
    keys: ReadonlyMap<string, ParkedKey>,
    entries: readonly Replayed[],
    stages: AnyStages,
    only?: ReadonlySet<string>,
  ) {
    const result = await inTransaction(this.dataSource, async (tx) => {
      const present = await this.present(tx, consumer, entries);
      const applied = await this.apply(tx, consumer, keys, present, stages, only);
      await this.faults.reach('replay.before-commit');
      return applied;
    });
    const { handled, ignored, retried } = countsOf(result.decided);
    countMessages(consumer, { handled, ignored, retried });
    tellFaults(consumer, result.decided.setAside);
    this.outbox.committed(result.sent);
  }

  /**
   * Locks the keys and keeps what is still there: an operator, or another copy, may have been faster. A key whose head is not among the entries
   * is left out whole: in a halved batch its head stands in the other half, and failed.
   */
  private async present(tx: Transaction, consumer: string, entries: readonly Replayed[]): Promise<Replayed[]> {
    const locked = await this.parking.stopped(tx, consumer, [...new Set(entries.map(({ record }) => record.key))]);
    const heads = await this.parking.heads(tx, consumer, [...locked]);
    const startsAtItsHead = new Set(entries.filter(({ row }) => heads.get(row.key) === BigInt(row.seq)).map(({ row }) => row.key));
    return entries.filter(({ row }) => startsAtItsHead.has(row.key) && BigInt(row.seq) >= heads.get(row.key)!);
  }

  private async apply(
    tx: Transaction,
    consumer: string,
    keys: ReadonlyMap<string, ParkedKey>,
    entries: readonly Replayed[],
    stages: AnyStages,
    only?: ReadonlySet<string>,
  ): Promise<{ decided: Decided<Replayed>; sent: Committed }> {
    const due = await this.withoutDuplicates(
      tx,
      entries.filter((entry) => isOfInterest(entry, only)),
    );
    const states = await loadStates(tx, stages, due, new Set());
    const decided = decideInOrder(due, { ...stages, passes: undefined }, states, await this.outbox.sender(tx), new Set());
    await saveStates(tx, stages, decided);
    await this.settle(tx, consumer, keys, entries, decided);
    return { decided, sent: await this.outbox.append(tx, decided.outgoing) };
  }

  /** What could not be read was noted under another identity: it may have been delivered again, and handled, since it became readable. */
  private async withoutDuplicates(tx: Transaction, entries: readonly Replayed[]): Promise<Replayed[]> {
    const renamed = entries.filter(({ row, record }) => row.messageId !== record.identity);
    if (renamed.length === 0) return [...entries];
    const unhandled = await claimUnhandled(
      tx,
      this.service.name,
      renamed.map(({ record }) => record.identity),
    );
    return entries.filter(({ row, record }) => row.messageId === record.identity || unhandled.delete(record.identity));
  }

  /** Removes what is used up; a key goes on with the first message that failed, or with what was not looked at yet. */
  private async settle(
    tx: Transaction,
    consumer: string,
    keys: ReadonlyMap<string, ParkedKey>,
    entries: readonly Replayed[],
    decided: Decided<Replayed>,
  ): Promise<void> {
    const left = new Set<Replayed>([...decided.behind, ...decided.setAside.map(({ entry }) => entry)]);
    const usedUp = entries.filter((entry) => !left.has(entry));
    await this.parking.remove(
      tx,
      usedUp.map(({ row }) => row.seq),
    );
    const progressed = new Set(usedUp.map(({ record }) => record.key));
    const heads = new Map([...entries].reverse().map((entry) => [entry.record.key, entry]));
    for (const { entry, failure } of decided.setAside) {
      const known = keys.get(entry.record.key);
      const isSame = heads.get(entry.record.key) === entry; // a later message does not inherit the attempts of the one before it
      const ageMs = known && isSame ? Date.now() - known.since.getTime() : 0;
      const next = nextTrial(failure, isSame ? (known?.attempts ?? 0) : 0, ageMs, this.randomness);
      await this.parking.postpone(tx, consumer, entry.record.key, failure.reason, next);
      progressed.delete(entry.record.key);
    }
    await this.parking.release(tx, consumer, [...progressed]);
  }
}

const isOfInterest = ({ record }: Replayed, only?: ReadonlySet<string>): boolean =>
  record.decoded.kind === 'broken' || (record.decoded.kind === 'message' && (!only || only.has(record.decoded.message.type)));
