import { stableId } from '@landfall/contracts';
import { Injectable } from '@nestjs/common';
import type { Outcome } from '../../handlers/outcome';
import { Outbox, type Committed } from '../../outbox/outbox';
import type { Transaction } from '../../transaction';
import { NotYet, Refused, UnitOfWork } from '../../unit-of-work';
import { notKnown, SubjectMissing } from './act.errors';
import type { OperatorAct } from './operator-act';
import { OperatorActRepository, type ActEffect } from './operator-act.repository';
import type { ActName, RecordedAct } from './operator-act.view';

/** The stages of an act on what a service owns: those of an HTTP endpoint, for a state that has to be there. */
export interface ActStages<State> {
  readonly key: string;
  load(tx: Transaction): Promise<Map<string, State>>;
  decide(state: State): Outcome<State>;
  save(tx: Transaction, states: State[]): Promise<void>;
  /** What the record of acts keeps of a state: no data of a message, nothing personal. */
  seen(state: State): ActEffect['before'];
  /** The names of what there is, for whoever names what is not there; left out where there is no end of them. */
  known?(): readonly string[];
}

/** What operators do to a service's own state, and not to its messages or jobs. */
@Injectable()
export class OperatorActs {
  constructor(
    private readonly acts: OperatorActRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Loads, decides and saves one key, as `UnitOfWork.transaction` does, and writes the record of the act in the same transaction. Sent again under its
   * idempotency key, the act is not done again and has the same answer.
   * @param act what is done, as `purchase.approve`
   * @param subject what it is done to, as `subscriptions/<id>`
   * @throws SubjectMissing where nothing is loaded, Refused and NotYet where that is the decision: then nothing is done and nothing recorded
   */
  async perform<State>(act: ActName, subject: string, by: OperatorAct, stages: ActStages<State>): Promise<RecordedAct> {
    let committed: Committed | undefined;
    const recorded = await this.acts.record(act, subject, by, async (tx) => {
      const state = (await stages.load(tx)).get(stages.key);
      if (state === undefined) throw new SubjectMissing(unknown(subject, stages.known?.()));
      const decided = stages.decide(state);
      if (decided.kind === 'refused') throw new Refused(decided.reason);
      if (decided.kind === 'notYet') throw new NotYet(decided.reason);
      if (decided.kind === 'changed') await stages.save(tx, [decided.state]);
      const cause = { id: stableId(act, subject, by.idempotencyKey), correlationId: by.correlationId };
      committed = await this.unitOfWork.append(tx, decided.effects, cause);
      return { before: stages.seen(state), after: stages.seen(decided.kind === 'changed' ? decided.state : state) };
    });
    if (committed) this.outbox.committed(committed);
    return recorded;
  }
}

/** `subscriptions/4711` in a sentence for the operator. */
function unknown(subject: string, known?: readonly string[]): string {
  const [, kind = subject, id = ''] = /^([^/]+)\/(.+)$/.exec(subject) ?? [];
  return notKnown(kind.replace(/ies$/, 'y').replace(/s$/, ''), id, known);
}
