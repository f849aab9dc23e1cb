import type { Client } from 'pg';
import type { PendingMessage } from './pending.message';
import { messagesPerPartition, type Refusals } from './refusals';
import type { RelayPartitions } from './relay.partitions';
import { everywhere, type Place, type UnreadPlaces } from './unread.places';

/** Of one partition and topic in one read: a broker takes 1 MB per partition by default. The first message may be larger. */
const bytesPerPartition = 400 * 1024;
/** Of one read altogether, and no more than the one message with which it is reached: it is all in memory at once, several times. */
const bytesPerRead = 4 * 1024 * 1024;
/** Larger than every number of partitions, and prime. */
const turns = 1009;

interface ReadMessage extends PendingMessage {
  /** How many messages were looked at for this read, in all of its places. */
  readonly found: number;
}

/** Reads the outbox behind the positions of a relay, by bytes and not by rows alone. */
export class OutboxReader {
  private reads = 0;

  constructor(
    private readonly client: Client,
    private readonly schema: string,
  ) {}

  /**
   * The next messages of the unread places, in order within each, of those that are the relay's and refuse nothing now. Where all together are too many bytes, each
   * gets its first one before any gets a second, and the partitions take turns in being first. Places of which there may be more stay unread.
   */
  async read(partitions: RelayPartitions, refusals: Refusals, unread: UnreadPlaces): Promise<PendingMessage[]> {
    if (partitions.owned.size === 0) return [];
    this.reads = (this.reads + 1) % turns;
    const taken = unread.take();
    const messages = taken === everywhere ? await this.readEverywhere(partitions, refusals) : await this.readPlaces(partitions, taken);
    const isLeft = messages.length < (messages[0]?.found ?? 0);
    if (refusals.areAny || (isLeft && taken === everywhere)) unread.addEverywhere(); // what is refused was passed over
    if (isLeft && taken !== everywhere) unread.add(taken);
    unread.add(fullPlacesOf(messages));
    return messages;
  }

  private async readEverywhere({ owned, positions }: RelayPartitions, { limits, waitingTopics }: Refusals): Promise<ReadMessage[]> {
    const { rows } = await this.client.query<ReadMessage>({
      name: 'read',
      text: this.allPlaces,
      values: [
        this.reads,
        [...owned],
        positions.map(({ partition }) => partition),
        positions.map(({ topic }) => topic),
        positions.map(({ id }) => id),
        limits.map(({ partition }) => partition),
        limits.map(({ topic }) => topic),
        limits.map(({ most }) => most),
        waitingTopics,
      ],
    });
    return rows;
  }

  private async readPlaces(partitions: RelayPartitions, places: readonly Place[]): Promise<ReadMessage[]> {
    const owned = places.filter(({ partition }) => partitions.owned.has(partition));
    if (owned.length === 0) return [];
    const { rows } = await this.client.query<ReadMessage>({
      name: 'read places',
      text: this.somePlaces,
      values: [
        this.reads,
        owned.map(({ partition }) => partition),
        owned.map(({ topic }) => topic),
        owned.map((place) => partitions.positionOf(place)),
      ],
    });
    return rows;
  }

  /** A place has a position once something of it was acknowledged, and a limit while it refuses: either may be missing. */
  private get allPlaces(): string {
    return `
      with place as (
        select p.partition, t.topic, (p.partition + $1) % ${turns} as turn, coalesce(known.position, 0) as position,
               coalesce(limited.most, ${messagesPerPartition}) as most
          from unnest($2::smallint[]) as p (partition)
         cross join (select topic from ${this.schema}.outbox_topic where topic <> all($9::text[])) as t
          left join unnest($3::smallint[], $4::text[], $5::bigint[]) as known (partition, topic, position) using (partition, topic)
          left join unnest($6::smallint[], $7::text[], $8::int[]) as limited (partition, topic, most) using (partition, topic)),
      ${this.ofPlaces}`;
  }

  private get somePlaces(): string {
    return `
      with place as (
        select partition, topic, (partition + $1) % ${turns} as turn, position, ${messagesPerPartition} as most
          from unnest($2::smallint[], $3::text[], $4::bigint[]) as p (partition, topic, position)),
      ${this.ofPlaces}`;
  }

  private get ofPlaces(): string {
    return `waiting as (
        select place.partition, place.topic, place.turn, next.*, sum(bytes) over (partition by place.partition, place.topic order by id) as so_far,
               row_number() over (partition by place.partition, place.topic order by id) as number, count(*) over () as found
          from place
         cross join lateral (select id, key, message_id, envelope, octet_length(envelope) as bytes from ${this.schema}.outbox
                              where partition = place.partition and topic = place.topic and id > place.position order by id limit place.most) as next),
      sendable as (
        select *, sum(bytes) over (order by number, turn, topic) as together from waiting where number = 1 or so_far <= ${bytesPerPartition})
      select partition, topic, id, key, message_id as "messageId", envelope, found::int from sendable
       where together - bytes < ${bytesPerRead} order by number, turn, topic`;
  }
}

/** Places that gave as many messages as a read takes of one: there may be more. */
const fullPlacesOf = (messages: readonly PendingMessage[]): PendingMessage[] =>
  [...Map.groupBy(messages, ({ partition, topic }) => `${partition} ${topic}`).values()]
    .filter(({ length }) => length >= messagesPerPartition)
    .map(([first]) => first!);
