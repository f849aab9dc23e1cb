import { OperatorActs, type OperatorAct, type Outcome, type RecordedAct, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { RegistrationClients } from '../../registration/registration.clients';
import type { Asked, Started } from '../reconciliation';
import { ReconciliationRepository } from '../reconciliation.repository';
import { startSweep } from '../sweep.domain';
import { dismissed, dismissesMissing, letThrough } from './answer.domain';

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

  /** What was kept back happens: the ends are told, what nobody knows is imported. @throws SubjectMissing, Refused */
  release(id: string, by: OperatorAct): Promise<RecordedAct> {
    return this.answer(
      'reconciliation.release',
      id,
      by,
      (asked) => letThrough(asked),
      async (tx, { registration, asks }) => {
        if (asks.includes('import')) await this.reconciliations.allowImport(tx, registration);
      },
    );
  }

  /** What was kept back is not to happen; nobody is asked about it again until Microsoft shows it alive. @throws SubjectMissing, Refused */
  dismiss(id: string, by: OperatorAct): Promise<RecordedAct> {
    return this.answer(
      'reconciliation.dismiss',
      id,
      by,
      (asked) => dismissed(asked),
      async (tx, asked) => {
        if (dismissesMissing(asked)) await this.reconciliations.dismissMissing(tx, asked);
      },
    );
  }

  private answer(
    act: 'reconciliation.release' | 'reconciliation.dismiss',
    id: string,
    by: OperatorAct,
    decide: (asked: Asked) => Outcome<Asked>,
    alsoDo: (tx: Transaction, asked: Asked) => Promise<void>,
  ): Promise<RecordedAct> {
    return this.acts.perform<Asked>(act, `reconciliations/${id}`, by, {
      key: id,
      load: (tx) => this.reconciliations.lock(tx, id),
      decide,
      save: async (tx, [asked]) => {
        await this.reconciliations.answer(tx, asked!);
        await alsoDo(tx, asked!);
      },
      seen: ({ asks, answer }) => ({ asks, answer }),
    });
  }
}
