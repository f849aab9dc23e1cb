import { OperatorActs, type OperatorAct, type Outcome, type RecordedAct, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { RegistrationClients } from '../../registration/registration.clients';
import type { Answered, Question, Started } from '../reconciliation';
import { ReconciliationRepository } from '../reconciliation.repository';
import { startSweep } from '../sweep.domain';
import { dismissed, dismissesMissing, letThrough, withdrawn } from './answer.domain';

/** What operators do about sweeps. Each is recorded as an act, in the transaction that does it. */
@Injectable()
export class ReconciliationActs {
  constructor(
    private readonly acts: OperatorActs,
    private readonly reconciliations: ReconciliationRepository,
    private readonly clients: RegistrationClients,
  ) {}

  /** Begins a sweep now, or joins the one that is under way. The record of the act names it. @throws SubjectMissing */
  begin(registration: string, by: OperatorAct): Promise<RecordedAct> {
    return this.acts.perform<Started>('reconciliation.begin', `registrations/${registration}`, by, {
      key: registration,
      load: (tx) => this.reconciliations.lockSchedule(tx, registration),
      decide: (schedule) => startSweep(schedule, 'operator', randomUUID()),
      save: async (tx, [started]) => {
        if (started?.begins) await this.reconciliations.begin(tx, started.begins);
      },
      seen: ({ running }) => ({ reconciliation: running }),
      known: () => this.clients.names,
    });
  }

  /** What was kept back happens: the ends are told, what nobody knows is imported. Without questions it answers all that are open. @throws SubjectMissing, Refused */
  release(id: string, questions: readonly Question[] | undefined, by: OperatorAct): Promise<RecordedAct> {
    return this.answer(
      'reconciliation.release',
      id,
      by,
      (asked) => letThrough(asked, questions),
      async (tx, { registration, about }) => {
        if (about!.includes('import')) await this.reconciliations.allowImport(tx, registration);
      },
    );
  }

  /** What was kept back is not to happen; nobody is asked about it again until Microsoft shows it alive. @throws SubjectMissing, Refused */
  dismiss(id: string, questions: readonly Question[] | undefined, by: OperatorAct): Promise<RecordedAct> {
    return this.answer(
      'reconciliation.dismiss',
      id,
      by,
      (asked) => dismissed(asked, questions),
      async (tx, asked) => {
        if (dismissesMissing(asked.about!)) await this.reconciliations.keepMissingDismissed(tx, asked);
      },
    );
  }

  /** A dismissal is taken back: the next sweep asks anew, or lets through. @throws SubjectMissing, Refused */
  withdraw(id: string, questions: readonly Question[] | undefined, by: OperatorAct): Promise<RecordedAct> {
    return this.answer(
      'reconciliation.withdraw',
      id,
      by,
      (asked) => withdrawn(asked, questions),
      async (tx, asked) => {
        if (dismissesMissing(asked.about!)) await this.reconciliations.keepMissingDismissed(tx, asked);
      },
    );
  }

  private answer(
    act: 'reconciliation.release' | 'reconciliation.dismiss' | 'reconciliation.withdraw',
    id: string,
    by: OperatorAct,
    decide: (asked: Answered) => Outcome<Answered>,
    alsoDo: (tx: Transaction, asked: Answered) => Promise<void>,
  ): Promise<RecordedAct> {
    return this.acts.perform<Answered>(act, `reconciliations/${id}`, by, {
      key: id,
      load: (tx) => this.reconciliations.lock(tx, id),
      decide,
      save: async (tx, [asked]) => {
        await this.reconciliations.answer(tx, asked!);
        await alsoDo(tx, asked!);
      },
      seen: ({ asks, answers }) => ({ asks, answers }),
    });
  }
}
