import { UnitOfWork } from '@landfall/messaging';
import { Injectable, Logger } from '@nestjs/common';
import { config } from '../fulfillment.config';
import type { Work } from '../microsoft/asking';
import { followDifferences } from './difference/difference.job';
import { foundOnTheWay, letThroughUnasked, questionsOf, type Found } from './guard.domain';
import type { Question, Schedule } from './reconciliation';
import { releaseFindings, type Counted, type reconcile } from './reconciliation.job';
import { entriesUnnamed, questionsAsked, subscriptionsMissing, sweepsEnded } from './reconciliation.metrics';
import { IDS_TOLD, ReconciliationRepository } from './reconciliation.repository';

interface Cause {
  readonly id: string;
  readonly correlationId: string;
}

type Sweep = Parameters<typeof reconcile>[0];

/** Ends a sweep: counts what it found, and lets through the ends of subscriptions, unless so many end at once that an operator is asked. */
@Injectable()
export class SweepEnding {
  private readonly logger = new Logger('Reconciliation');

  constructor(
    private readonly reconciliations: ReconciliationRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Counts one piece more of what the record has, and of what a complete sweep did not show. */
  async count({ reconciliationId, end, tally, counted }: Sweep): Promise<{ readonly counted: Counted; readonly isLast: boolean }> {
    const isCountedOnceMore = end === 'complete' && tally.unnamed === 0;
    const piece = await this.reconciliations.countPiece(reconciliationId, counted.upTo, isCountedOnceMore);
    return { counted: together(counted, piece), isLast: piece.isLast };
  }

  /** Every piece has been counted. */
  async end(sweep: Sweep, work: Work & { readonly id: string }): Promise<void> {
    const cause = { id: work.id, correlationId: work.correlationId };
    if (sweep.end === 'complete') await this.complete(sweep, cause);
    else await this.incomplete(sweep, cause);
  }

  private async complete(sweep: Sweep, cause: Cause): Promise<void> {
    const { reconciliationId: id, registration, isWhole, tally, mayImport, counted } = sweep;
    const { known, missing } = counted;
    const kept = await this.reconciliations.countKeptBack(id);
    const found = { known, missing: Math.max(0, missing - tally.unnamed), ended: kept.ended, unknown: kept.unknown };
    const asks = await this.unitOfWork.inTransaction(async (tx, append) => {
      const schedule = await this.reconciliations.lockSchedule(tx, registration);
      if (!(await this.reconciliations.isRunning(tx, id))) return null;
      const questions = openQuestions(found, schedule.get(registration)!);
      await this.reconciliations.complete(tx, id, registration, { found, asks: questions, tally });
      if (!mayImport && found.unknown === 0 && tally.unnamed === 0)
        await this.reconciliations.allowImportWithoutAsking(tx, registration, id);
      await this.reconciliations.scheduleNext(tx, registration, config.values.RECONCILE_INTERVAL, { isComplete: true, isWhole });
      const findings = letThroughUnasked(kept, questions);
      if (findings.length > 0) append([releaseFindings({ reconciliationId: id, registration, findings, handedOver: [], told: [] })], cause);
      append([followDifferences({ registration, after: null })], cause);
      return questions;
    });
    if (!asks) return;
    sweepsEnded.inc({ registration, outcome: 'complete' });
    this.logger.log({ reconciliationId: id, registration, ...tally, ...found }, 'a sweep has ended');
    this.tellMissing(registration, counted);
    this.tellUnnamed(registration, tally.unnamed);
    for (const question of asks) this.ask(id, registration, question, found);
  }

  /** Nothing is called missing then. What was read on the way counts all the same: else no lost end would ever be told where no list can be followed to its end. */
  private async incomplete(sweep: Sweep, cause: Cause): Promise<void> {
    const { reconciliationId: id, registration, isWhole, tally, counted, failure } = sweep;
    const reason = failure ?? 'the list of Microsoft could not be followed to its end';
    const kept = await this.reconciliations.countKeptBack(id);
    const onTheWay = { known: counted.known, missing: 0, ended: kept.ended, unknown: kept.unknown };
    const ended = await this.unitOfWork.inTransaction(async (tx, append) => {
      const schedule = await this.reconciliations.lockSchedule(tx, registration);
      if (!(await this.reconciliations.isRunning(tx, id))) return null;
      const found = (await this.reconciliations.isAsking(tx, registration)) ? null : foundOnTheWay(onTheWay);
      const asks = found ? openQuestions(found, schedule.get(registration)!) : [];
      await this.reconciliations.incomplete(tx, id, { reason, found, asks, tally });
      await this.reconciliations.scheduleNext(tx, registration, config.values.RECONCILE_INTERVAL, { isComplete: false, isWhole });
      const findings = found ? letThroughUnasked(kept, asks) : [];
      if (findings.length > 0) append([releaseFindings({ reconciliationId: id, registration, findings, handedOver: [], told: [] })], cause);
      append([followDifferences({ registration, after: null })], cause);
      return { found, asks };
    });
    if (!ended) return;
    sweepsEnded.inc({ registration, outcome: 'incomplete' });
    this.logger.error(
      { reconciliationId: id, registration, reason, ...tally, ...ended.found },
      'a sweep has not come to its end, and says nothing of what is missing: the next one begins anew',
    );
    for (const question of ended.asks) this.ask(id, registration, question, ended.found!);
  }

  private tellUnnamed(registration: string, count: number): void {
    if (count === 0) return;
    entriesUnnamed.inc({ registration }, count);
    this.logger.error(
      { registration, count },
      'Microsoft lists entries that do not say of which subscription they are: nothing is called missing by this sweep; ask Microsoft if it goes on',
    );
  }

  private tellMissing(registration: string, { newlyMissing: count, newlyMissingIds: ids }: Counted): void {
    if (count === 0) return;
    subscriptionsMissing.inc({ registration }, count);
    this.logger.error(
      { registration, count, subscriptionIds: ids },
      'Microsoft has not listed subscriptions in three complete sweeps that the record has: nothing is cancelled by that; see Partner Center',
    );
  }

  private ask(reconciliationId: string, registration: string, question: Question, found: Found): void {
    questionsAsked.inc({ registration, question });
    this.logger.error({ reconciliationId, registration, ...found }, meaningOf[question]);
  }
}

/** An import may have been allowed while the sweep ran. */
const openQuestions = (found: Found, { mayImport }: Schedule): Question[] => questionsOf(mayImport ? { ...found, unknown: 0 } : found);

const together = (before: Counted, piece: Counted): Counted => ({
  upTo: piece.upTo ?? before.upTo,
  known: before.known + piece.known,
  missing: before.missing + piece.missing,
  newlyMissing: before.newlyMissing + piece.newlyMissing,
  newlyMissingIds: [...before.newlyMissingIds, ...piece.newlyMissingIds].slice(0, IDS_TOLD),
});

const meaningOf: Readonly<Record<Question, string>> = {
  loss: 'so many subscriptions are missing or ended at Microsoft at once that none of them is ended here: an operator decides, see docs/how-to/reconcile.md',
  import:
    'Microsoft lists subscriptions that nobody knows here: they are imported when an operator allows it, see docs/how-to/reconcile.md',
};
