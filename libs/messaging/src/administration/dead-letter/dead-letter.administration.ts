import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DeadLetterRepository } from '../../dead-letter/dead-letter.repository';
import { inTransaction, type Transaction } from '../../transaction';
import { DeadLetterReader, type BlockedKeyQuery } from './dead-letter.reader';
import { withoutData, type BlockedKey, type DeadLetter, type LetterRow } from './dead-letter.view';
import { OperatorActRepository } from '../act/operator-act.repository';
import type { RecordedAct } from '../act/operator-act.view';
import { ActImpossible, SubjectMissing } from '../act/act.errors';
import type { OperatorAct } from '../act/operator-act';
import type { Page } from '../page';

/** What operators see and do where a key is blocked. Every act is recorded in the transaction that does it. */
@Injectable()
export class DeadLetterAdministration {
  constructor(
    private readonly dataSource: DataSource,
    private readonly letters: DeadLetterReader,
    private readonly deadLetters: DeadLetterRepository,
    private readonly acts: OperatorActRepository,
  ) {}

  /** Blocked keys, the one that is blocked for the longest time first, each with the dead letter at its head. */
  list(query: BlockedKeyQuery): Promise<Page<BlockedKey>> {
    return inTransaction(this.dataSource, (tx) => this.letters.list(tx, query));
  }

  /** The first 200 of the list. */
  async blockedKeys(): Promise<readonly BlockedKey[]> {
    return (await this.list({ limit: 200 })).items;
  }

  /** Throws `SubjectMissing`. */
  find(id: string): Promise<DeadLetter> {
    return inTransaction(this.dataSource, async (tx) => {
      const found = await this.letters.find(tx, id);
      if (found) return found;
      const wasHere = await this.letters.wasHere(tx, id);
      throw new SubjectMissing(wasHere ? goneMeanwhile(id) : `There is no dead letter ${id}`);
    });
  }

  /**
   * Tries a key again at once, dead or not, with all its attempts before it. The letter must be the first of its key. Throws `SubjectMissing`
   * and `ActImpossible`.
   */
  async retry(id: string, by: OperatorAct): Promise<RecordedAct> {
    const recorded = await this.acts.record('dead-letter.retry', `dead-letters/${id}`, by, async (tx) => {
      const letter = await this.lockedHead(tx, id);
      const after = await this.letters.makeDue(tx, letter);
      return { before: withoutData(letter), after };
    });
    this.deadLetters.added.raise();
    return recorded;
  }

  /**
   * Gives up the first message of a key for ever; the later ones go on at once. Its bytes are gone then: the record keeps what it was, why it
   * failed, its size and its hash. Throws `SubjectMissing` and `ActImpossible`.
   */
  async discard(id: string, by: OperatorAct): Promise<RecordedAct> {
    const recorded = await this.acts.record('dead-letter.discard', `dead-letters/${id}`, by, async (tx) => {
      const letter = await this.lockedHead(tx, id);
      await this.deadLetters.remove(tx, [letter.id]);
      await this.deadLetters.release(tx, letter.consumer, [letter.key]);
      return { before: withoutData(letter), after: { next: await this.letters.headOf(tx, letter) } };
    });
    this.deadLetters.added.raise();
    return recorded;
  }

  /** The dead letter at the head of its key, under the lock that consumers and redelivery take. */
  private async lockedHead(tx: Transaction, id: string): Promise<LetterRow> {
    const letter = await this.letters.lock(tx, id);
    if (!letter) {
      if (await this.letters.wasHere(tx, id)) throw new ActImpossible('NOT_BLOCKED', goneMeanwhile(id));
      throw new SubjectMissing(`There is no dead letter ${id}`);
    }
    if (letter.first !== id)
      throw new ActImpossible(
        'NOT_FIRST',
        `Dead letter ${id} waits behind dead letter ${letter.first} of the same key, which has to go first`,
      );
    return letter;
  }
}

const goneMeanwhile = (id: string) =>
  `Dead letter ${id} blocks nothing any more: it was handled or discarded meanwhile, if there ever was one`;
