import { changed, OperatorActs, refused, type OperatorAct, type Outcome, type RecordedAct, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Asked } from '../reconciliation';
import { releaseFindings } from '../reconciliation.job';
import { ReconciliationRepository } from '../reconciliation.repository';
import { startSweep, type Started } from '../reconciliation.timer';

/** What operators do about sweeps. Each is recorded as an act, in the transaction that does it. */
@Injectable()
export class ReconciliationActs {
  constructor(
    private readonly acts: OperatorActs,
    private readonly reconciliations: ReconciliationRepository,
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
      (tx, asked) => this.reconciliations.dismiss(tx, asked),
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

export function letThrough(asked: Asked): Outcome<Asked> {
  if (notOpen(asked)) return refused(notOpen(asked)!);
  const { id: reconciliationId, registration, asks } = asked;
  const findings = asks.map((question) => (question === 'loss' ? ('ended' as const) : ('unknown' as const)));
  return changed({ ...asked, answer: 'released' }, releaseFindings({ reconciliationId, registration, findings }));
}

export function dismissed(asked: Asked): Outcome<Asked> {
  return notOpen(asked) ? refused(notOpen(asked)!) : changed({ ...asked, answer: 'dismissed' as const });
}

function notOpen({ asks, answer }: Asked): string | null {
  if (asks.length === 0) return 'This sweep asks nothing';
  if (answer === 'superseded') return 'A newer sweep of this registration has ended since: look at that one';
  return answer === null ? null : `This was answered already: ${answer}`;
}
