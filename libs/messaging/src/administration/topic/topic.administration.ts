import { partitionOf } from '@landfall/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { SERVICE, type ServiceIdentity } from '../../messaging.config';
import { outboxRetentionDays } from '../../outbox/maintenance';
import { Outbox } from '../../outbox/outbox';
import type { OutgoingMessage } from '../../outbox/outgoing';
import { RebuildSources } from '../../outbox/rebuild.sources';
import { run, type Transaction } from '../../transaction';
import { UnitOfWork } from '../../unit-of-work';
import { ActImpossible, SubjectMissing } from '../act/act.errors';
import type { OperatorAct } from '../act/operator-act';
import { OperatorActRepository, type ActEffect } from '../act/operator-act.repository';
import type { RecordedAct } from '../act/operator-act.view';

/** States that one act says again. */
const pageSize = 200;

/** Messages of a time or a key that one act publishes again: they are written to the outbox once more, in one transaction. */
const mostRepeated = 10_000;

/** Which messages of a topic. All of them, where nothing is named. */
export interface Choice {
  /** Written at this instant or later. */
  readonly since?: string;
  /** Written before this instant. */
  readonly until?: string;
  readonly key?: string;
}

/** What operators do where a topic has lost messages: it was deleted and made again, or restored from an older copy. */
@Injectable()
export class TopicAdministration {
  private readonly schema: string;

  constructor(
    private readonly acts: OperatorActRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
    private readonly sources: RebuildSources,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
  ) {
    this.schema = service.name;
  }

  /**
   * Publishes once more, in order and under their ids, what the outbox still has of a topic. All of it, or what was written since an instant: relays lose
   * their partitions and claim them again behind earlier positions. Of a time that has an end, or of a key: the messages are written to the outbox again, beside a
   * relay that goes on. Throws `SubjectMissing`; `ActImpossible` where the outbox does not go back as far, or it is more than one act does.
   */
  async republish(topic: string, choice: Choice, by: OperatorAct): Promise<RecordedAct> {
    const isPart = choice.until !== undefined || choice.key !== undefined;
    const recorded = await this.acts.record('topic.republish', `topics/${topic}`, by, async (tx) => {
      const [known] = await run(tx, `select topic from ${this.schema}.outbox_topic where topic = $1`, [topic]);
      if (!known) throw new SubjectMissing(`This service has published nothing to ${topic}`);
      await this.checkRange(tx, choice);
      return isPart ? this.repeat(tx, topic, choice) : this.setBack(tx, topic, choice.since);
    });
    this.outbox.committedSomewhere();
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
    this.outbox.committedSomewhere();
    return recorded;
  }

  /** What is older than the outbox is kept may be there in part: whoever asks for it would take a part for the whole. */
  private async checkRange(tx: Transaction, { since, until }: Choice): Promise<void> {
    const [row] = await run<{ oldest: string; isTooOld: boolean; isEmpty: boolean }>(
      tx,
      `select to_char(first at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as oldest,
              coalesce(least($1::timestamptz, $2::timestamptz) < first, false) as "isTooOld", coalesce($1::timestamptz >= $2::timestamptz, false) as "isEmpty"
         from (select now() - $3 * interval '1 day' as first) as kept`,
      [since ?? null, until ?? null, outboxRetentionDays],
    );
    if (row!.isEmpty) throw new ActImpossible('OUT_OF_RANGE', 'The range ends before it begins: `until` has to be later than `since`');
    if (row!.isTooOld)
      throw new ActImpossible(
        'OUT_OF_RANGE',
        `The outbox is kept for ${outboxRetentionDays} days: nothing before ${row!.oldest} can be published again. A compacted topic is rebuilt from its table at any time`,
      );
  }

  /** Each message once, however often it was repeated before, and in the order in which it was written first. */
  private async repeat(tx: Transaction, topic: string, { since, until, key }: Choice): Promise<ActEffect> {
    if (this.sources.of(topic))
      throw new ActImpossible(
        'OUT_OF_RANGE',
        `${topic} is compacted: an older state would be the last one there. Rebuild it, or publish all of it again`,
      );
    const rows = await run<OutgoingMessage & { partition: number }>(
      tx,
      `select partition, topic, key, "messageId", envelope
         from (select distinct on (message_id) id, partition, topic, key, message_id as "messageId", envelope from ${this.schema}.outbox
                where topic = $1 and ($2::timestamptz is null or created_at >= $2) and ($3::timestamptz is null or created_at < $3)
                  and ($4::text is null or (key = $4 and partition = $6))
                order by message_id, id) as once
        order by id limit $5`,
      [topic, since ?? null, until ?? null, key ?? null, mostRepeated + 1, partitionOf(key ?? '', this.service.partitions)],
    );
    if (rows.length > mostRepeated)
      throw new ActImpossible(
        'OUT_OF_RANGE',
        `These are more than ${mostRepeated} messages: take a shorter time, or publish all of the topic again`,
      );
    await this.outbox.repeat(tx, rows);
    return { before: { since: since ?? null, until: until ?? null, key: key ?? null }, after: { messages: rows.length } };
  }

  private async setBack(tx: Transaction, topic: string, since: string | undefined): Promise<ActEffect> {
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
