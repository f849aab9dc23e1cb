import { openSession } from '@landfall/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import { kafkaClient } from '../kafka/kafka.client';
import { Background } from '../background';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from '../messaging.config';
import { countRelayed } from '../metrics';
import { reasonOf } from '../failure';
import { Outbox } from './outbox';
import { OutboxReader } from './outbox.reader';
import type { PendingMessage } from './pending.message';
import { FAULT_POINTS, type FaultPoints } from '../ports';
import { Refusals } from './refusals';
import { RelayPartitions } from './relay.partitions';
import { TopicSenders } from './topic.sender';
import { pause } from '../signal';

/**
 * It looks everywhere this often. A commit of this process wakes it and says where to look, and one of another copy wakes it: what is found without that was
 * committed by a process that died a moment later.
 */
const everywhereMs = 2000;
/** While something is refused it looks this often after it has found something, and doubles up to this while it finds nothing. */
const refusedPollMs = { fastest: 5, slowest: 2000 };
/** A commit that comes so soon after the last message is one of many: it is read together with what comes right behind it. */
const crowdMs = { within: 10, linger: 2 };
/** What was published in this time, or so many messages and one read more, is published again after a crash. */
const saveMs = 2000;
const saveMessages = 1000;
/** How soon it sees that another copy has come or gone, while messages flow, and while none do. */
const balanceMs = { busy: 1000, idle: 2000 };
/** It says whom it waits for where messages have been in a partition of another for this long. */
const lateMs = 15_000;
const retryMs = { first: 100, longest: 2000 };
/** How long a stop waits for the send that is under way. */
const stopMs = 5000;
/** A statement that takes longer means a connection that hangs. */
const statementMs = 10_000;

/**
 * Publishes the outbox. It owns partitions, reads each topic of them behind its position, and has one send to each topic outstanding, so nothing
 * overtakes. What a topic refuses waits by itself. What was sent but not recorded is sent again after a crash: in order, and with the same ids. After
 * any other error it begins anew with a fresh connection and fresh producers.
 */
@Injectable()
export class Relay {
  private readonly logger = new Logger('Relay');
  /** Kept when it begins anew: a topic that refuses does not refuse less by that. */
  private readonly refusals = new Refusals();
  private readonly background: Background;
  private retryPauseMs = retryMs.first;

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(CONFIG) private readonly config: MessagingConfig,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {
    this.background = new Background({
      name: 'Relay',
      round: ({ stopping }) => this.publishUntilError(stopping),
      failure: 'the relay begins anew',
      errorPauseMs: () => this.nextRetryPauseMs(),
      isPassing: () => true, // Kafka or Postgres is away: it goes on by itself
      wake: outbox.messagesCommitted,
    });
  }

  start(): void {
    this.background.start();
  }

  /** Finishes the send that is under way and saves its positions, or leaves both to the next owner of its partitions where Kafka is away. */
  stop(): Promise<void> {
    return this.background.stop(stopMs);
  }

  /** The life of one connection and its producers, until it fails or the relay stops. */
  private async publishUntilError(stopping: AbortSignal): Promise<number> {
    const startedAt = performance.now();
    const client = openSession(this.dataSource, `${this.service.name} relay`, { query_timeout: statementMs });
    const partitions = new RelayPartitions(client, this.service.name);
    client.on('notification', (notification) => {
      if (!partitions.isOwn(notification)) this.outbox.committedSomewhere();
    });
    client.on('error', (error) => this.logger.warn({ reason: reasonOf(error) }, 'the connection of the relay was cut')); // the next query fails
    const kafka = kafkaClient(this.config.values, `${this.service.instance}/relay`);
    const senders = new TopicSenders(kafka, this.service.partitions);
    try {
      await client.connect();
      await this.publish(partitions, client, senders, stopping);
    } finally {
      await this.end(client, senders);
      if (performance.now() - startedAt > 10 * retryMs.longest) this.retryPauseMs = retryMs.first;
    }
    return 0;
  }

  /** The pause after an error: it doubles, until a connection has held for a while. */
  private nextRetryPauseMs(): number {
    const pauseMs = this.retryPauseMs;
    this.retryPauseMs = Math.min(pauseMs * 2, retryMs.longest);
    return pauseMs;
  }

  private async publish(partitions: RelayPartitions, client: Client, senders: TopicSenders, stopping: AbortSignal): Promise<void> {
    const reader = new OutboxReader(client, this.service.name);
    await client.query('set synchronous_commit = off'); // a lost position only sends again
    await partitions.join();
    const { unread } = this.outbox;
    let pauseMs: number = refusedPollMs.fastest;
    let foundAt = Number.NEGATIVE_INFINITY;
    let [balanceAt, everywhereAt] = [0, 0];
    let lookAt = performance.now() + lateMs;
    let [saveAt, unsaved] = [0, 0];
    let notified = this.outbox.commits;
    while (!stopping.aborted) {
      if (performance.now() >= balanceAt) {
        if (await partitions.balance()) unread.addEverywhere();
        balanceAt = performance.now() + (performance.now() - foundAt < balanceMs.idle ? balanceMs.busy : balanceMs.idle);
      }
      if (notified !== this.outbox.commits) {
        notified = this.outbox.commits;
        if (partitions.areShared) await partitions.notify();
      }
      if (performance.now() >= lookAt) {
        await this.sayWhoHolds(partitions);
        lookAt = performance.now() + lateMs;
      }
      if (performance.now() >= everywhereAt) {
        unread.addEverywhere();
        everywhereAt = performance.now() + everywhereMs;
      }
      const pending = unread.areNone ? [] : await reader.read(partitions, this.refusals, unread);
      if (pending.length > 0) {
        if (!partitions.hasUnsaved) saveAt = performance.now() + saveMs;
        await this.send(pending, senders, partitions);
        unsaved += pending.length;
        pauseMs = refusedPollMs.fastest;
        foundAt = performance.now();
      }
      if (partitions.hasUnsaved && (performance.now() >= saveAt || unsaved >= saveMessages)) {
        await this.faults.reach('relay.before-cursor');
        await partitions.save();
        [saveAt, unsaved] = [performance.now() + saveMs, 0];
      }
      if (pending.length > 0) continue;
      const nextAt = Math.min(
        everywhereAt,
        partitions.hasUnsaved ? saveAt : Infinity,
        this.refusals.areAny ? performance.now() + pauseMs : Infinity,
      );
      const isWoken = await this.outbox.messagesCommitted.wait(Math.max(0, nextAt - performance.now()));
      if (isWoken && performance.now() - foundAt < crowdMs.within) await pause(crowdMs.linger);
      pauseMs = Math.min(pauseMs * 2, refusedPollMs.slowest);
    }
    await partitions.save();
  }

  /** A host that vanished holds its partitions until Postgres has noticed. An operator sees the session, and can end it by `pg_terminate_backend(pid)`. */
  private async sayWhoHolds(partitions: RelayPartitions): Promise<void> {
    for (const { held, waitingMs, pid, application, since, address } of await partitions.heldElsewhere(lateMs))
      this.logger.warn(
        { partition: held, waitingMs, pid, name: application, since, address },
        'messages wait for the session that holds their partition',
      );
  }

  /** Sends to all topics at the same time. What one of them took is kept, whatever became of the others. */
  private async send(pending: readonly PendingMessage[], senders: TopicSenders, partitions: RelayPartitions): Promise<void> {
    await this.faults.reach('relay.before-send');
    const ends = await senders.send(pending);
    await this.faults.reach('relay.after-send');
    for (const end of ends) {
      if (end.status === 'rejected') continue;
      const { acknowledged, refused } = end.value;
      const places = placesOf(acknowledged);
      partitions.advance(places);
      this.refusals.acknowledge(places);
      for (const refusal of refused) this.refusals.refuse(refusal);
      if (refused.length > 0) this.outbox.unread.addEverywhere();
      countRelayed(this.service.name, acknowledged.length);
      if (this.config.values.LOG_MESSAGES) this.logMessages(acknowledged);
    }
    const failed = ends.find((end) => end.status === 'rejected');
    if (!failed) return;
    await partitions.save();
    throw failed.reason;
  }

  private logMessages(messages: readonly PendingMessage[]): void {
    for (const { topic, envelope } of messages) {
      const { type, subject, correlationid } = JSON.parse(envelope) as Record<string, string>;
      this.logger.log({ type, keyId: subject, topic, correlationId: correlationid }, 'published');
    }
  }

  private async end(client: Client, senders: TopicSenders): Promise<void> {
    const ended = await Promise.allSettled([client.end(), senders.end()]);
    for (const end of ended)
      if (end.status === 'rejected') this.logger.debug({ reason: reasonOf(end.reason) }, 'a connection of the relay ended badly');
  }
}

/** The last message of each partition and topic: how far it came. */
const placesOf = (messages: readonly PendingMessage[]): PendingMessage[] => [
  ...new Map(messages.map((message) => [`${message.partition} ${message.topic}`, message])).values(),
];
