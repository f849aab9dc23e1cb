import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { decideInOrder, inKeyOrder, messageOf, stateKeyOf, type AnyStages, type Decided, type SetAside, type Trialed } from './decide';
import { nextTrial } from './failure';
import { gatherAll } from './gather';
import { claimUnhandled } from './inbox';
import { Isolation } from './isolate';
import { SERVICE, type ServiceIdentity } from './messaging.config';
import { countMessages, type MessageOutcome } from './metrics';
import { Outbox, type Committed } from './outbox';
import { Parking } from './parking';
import { tellFaults } from './parking.log';
import { FAULT_POINTS, RANDOMNESS, type FaultPoints, type Randomness } from './ports';
import type { Received } from './received';
import { inTransaction, type Transaction } from './transaction';
import { Wakeup } from './wakeup';

const firstTrial = { number: 1 };
const nothingSent: Committed = { messages: false, jobs: false };
type Counts = Record<MessageOutcome, number>;

interface Applied {
  readonly counts: Counts;
  readonly sent: Committed;
  readonly setAside: readonly SetAside<Trialed>[];
}

/** Runs an author's stages over what Kafka delivered: at least once delivered, at most once done. */
@Injectable()
export class BatchRunner {
  /** Rung after a commit that set messages aside. */
  readonly setAside = new Wakeup();
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

  /** Resolves when every record is committed: handled, or set aside. `only` names the types that the service decides. */
  async run(consumer: string, records: readonly Received[], stages: AnyStages, only?: ReadonlySet<string>): Promise<void> {
    const entries: Trialed[] = [];
    for (const record of records) {
      const { decoded } = record;
      if (decoded.kind === 'broken') entries.push({ record, failure: { state: 'dead', reason: decoded.reason } });
      else if (decoded.kind === 'message' && (!only || only.has(decoded.message.type))) entries.push({ record });
    }
    countMessages(consumer, { ignored: records.length - entries.length });
    if (entries.length === 0) return;
    await gatherAll(entries, stages, () => firstTrial);
    await this.isolation.commit(consumer, entries, (part) => this.commit(consumer, part, stages));
  }

  private async commit(consumer: string, entries: readonly Trialed[], stages: AnyStages): Promise<void> {
    const { counts, sent, setAside } = await inTransaction(this.dataSource, async (tx) => {
      const applied = await this.apply(tx, consumer, entries, stages);
      await this.faults.reach('batch.before-commit');
      return applied;
    });
    await this.faults.reach('batch.after-commit');
    countMessages(consumer, counts);
    tellFaults(consumer, setAside);
    this.outbox.committed(sent);
    if (counts.retried > 0 || counts.parked > 0) this.setAside.ring();
  }

  /** The order of these steps is the design: the note of what is new comes first, the lane locks of the outbox come last. */
  private async apply(tx: Transaction, consumer: string, entries: readonly Trialed[], stages: AnyStages): Promise<Applied> {
    const unhandled = await claimUnhandled(
      tx,
      this.service.name,
      entries.map(({ record }) => record.identity),
    );
    const fresh = entries.filter(({ record }) => unhandled.delete(record.identity)); // deleted: a batch may hold a message twice
    const counts: Counts = { handled: 0, duplicate: entries.length - fresh.length, ignored: 0, retried: 0, parked: 0 };
    if (fresh.length === 0) return { counts, sent: nothingSent, setAside: [] };

    const stopped = await this.parking.stopped(tx, consumer, [...new Set(fresh.map(({ record }) => record.key))]);
    const states = await loadStates(tx, stages, fresh, stopped);
    const decided = decideInOrder(fresh, stages, states, await this.outbox.sender(tx), stopped);
    await this.park(tx, consumer, decided);
    await saveStates(tx, stages, decided);
    return {
      counts: { ...counts, ...countsOf(decided) },
      sent: await this.outbox.append(tx, decided.outgoing),
      setAside: decided.setAside,
    };
  }

  private async park(tx: Transaction, consumer: string, { setAside, behind }: Decided<Trialed>): Promise<void> {
    const failed = setAside.map((aside) => ({ aside, next: nextTrial(aside.failure, 0, 0, this.randomness) }));
    await this.parking.park(tx, consumer, failed, behind);
  }
}

/** The states of all messages that may be decided. */
export async function loadStates(
  tx: Transaction,
  stages: AnyStages,
  entries: readonly Trialed[],
  stopped: ReadonlySet<string>,
): Promise<Map<string, unknown>> {
  if (!stages.load) return new Map();
  const keys = new Set<string>();
  for (const entry of entries) {
    const message = messageOf(entry);
    if (!message || entry.failure) continue;
    if (!stopped.has(entry.record.key) || stages.passes?.(message)) keys.add(stateKeyOf(stages, message));
  }
  return keys.size > 0 ? stages.load(tx, [...keys].sort()) : new Map();
}

export async function saveStates(tx: Transaction, stages: AnyStages, decided: Decided<Trialed>): Promise<void> {
  if (stages.save && decided.changedStates.size > 0) await stages.save(tx, inKeyOrder(decided.changedStates));
}

export const countsOf = ({
  handled,
  ignored,
  setAside,
  behind,
}: Decided<Trialed>): Pick<Counts, 'handled' | 'ignored' | 'retried' | 'parked'> => ({
  handled: handled.length,
  ignored: ignored.length,
  retried: setAside.filter(({ failure }) => failure.state === 'waiting').length,
  parked: setAside.filter(({ failure }) => failure.state !== 'waiting').length + behind.length,
});
