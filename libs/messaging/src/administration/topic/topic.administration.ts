import { Inject, Injectable } from '@nestjs/common';
import { SERVICE, type ServiceIdentity } from '../../messaging.config';
import { Outbox } from '../../outbox/outbox';
import { RebuildSources } from '../../outbox/rebuild.sources';
import { run, type Transaction } from '../../transaction';
import { UnitOfWork } from '../../unit-of-work';
import { SubjectMissing } from '../act/act.errors';
import type { OperatorAct } from '../act/operator-act';
import { OperatorActRepository, type ActEffect } from '../act/operator-act.repository';
import type { RecordedAct } from '../act/operator-act.view';

/** States that one act says again. */
const pageSize = 200;

/** What operators do where a topic has lost messages: it was deleted and made again, or restored from an older copy. */
@Injectable()
export class TopicAdministration {
  private readonly schema: string;

  constructor(
    private readonly acts: OperatorActRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
    private readonly sources: RebuildSources,
    @Inject(SERVICE) service: ServiceIdentity,
  ) {
    this.schema = service.name;
  }

  /**
   * Publishes once more, in order and under their ids, what the outbox still has of a topic: all of it, or what was written since an instant. Relays lose
   * their partitions and claim them again, so that none goes on behind its old position. Throws `SubjectMissing`.
   */
  async republish(topic: string, since: string | undefined, by: OperatorAct): Promise<RecordedAct> {
    const recorded = await this.acts.record('topic.republish', `topics/${topic}`, by, (tx) => this.setBack(tx, topic, since));
    this.outbox.messagesCommitted.raise();
    return recorded;
  }

  /** Says the states behind a key again, from the table; `after.next` is where the next act goes on, null at the end. Throws `SubjectMissing`. */
  async rebuild(topic: string, after: string | undefined, by: OperatorAct): Promise<RecordedAct> {
    const source = this.sources.of(topic);
    if (!source) throw new SubjectMissing(`This service has no table from which it could rebuild ${topic}`);
    const recorded = await this.acts.record('topic.rebuild', `topics/${topic}`, by, async (tx) => {
      const { messages, next } = await source(tx, after ?? null, pageSize);
      await this.unitOfWork.append(tx, messages, { id: `rebuild/${topic}/${by.idempotencyKey}`, correlationId: by.correlationId });
      return { before: { after: after ?? null }, after: { messages: messages.length, next } };
    });
    this.outbox.messagesCommitted.raise();
    return recorded;
  }

  private async setBack(tx: Transaction, topic: string, since: string | undefined): Promise<ActEffect> {
    const [known] = await run(tx, `select topic from ${this.schema}.outbox_topic where topic = $1`, [topic]);
    if (!known) throw new SubjectMissing(`This service has published nothing to ${topic}`);
    await run(tx, `update ${this.schema}.relay_cursor set owner_epoch = nextval('${this.schema}.relay_epoch')`, []);
    const [row] = await run<{ messages: number }>(
      tx,
      `with first as (
         select p.partition, p.position,
                (select min(o.id) from ${this.schema}.outbox o
                  where o.partition = p.partition and o.topic = $1 and o.id <= p.position and ($2::timestamptz is null or o.created_at >= $2)) as id
           from ${this.schema}.relay_position p where p.topic = $1),
       set_back as (
         update ${this.schema}.relay_position p set position = first.id - 1 from first
          where p.topic = $1 and p.partition = first.partition and first.id is not null returning p.partition),
       forgotten as (
         update ${this.schema}.read_back r set highest = first.id - 1 from first
          where r.topic = $1 and r.partition = first.partition and first.id is not null)
       select count(*)::int as messages from first join ${this.schema}.outbox o
           on o.partition = first.partition and o.topic = $1 and o.id between first.id and first.position`,
      [topic, since ?? null],
    );
    return { before: { since: since ?? null }, after: { messages: row!.messages } };
  }
}
