import { readVetoAnswer, stableId, type VetoQuestion } from '@landfall/contracts';
import { OutgoingCalls } from '@landfall/outgoing-call';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { config } from '../subscription.config';
import type { Veto } from '../operation/judgement.domain';
import type { ProductsWord } from './veto.domain';
import { VETO_LIMITS, type VetoLimits } from './veto.limits';

/** Asks products of the company whether a subscription may change. */
@Injectable()
export class ProductClient implements OnApplicationShutdown {
  private readonly calls = new OutgoingCalls({ hosts: config.values.OUTGOING_HOSTS, networks: config.values.OUTGOING_NETWORKS });

  constructor(@Inject(VETO_LIMITS) private readonly limits: VetoLimits) {}

  /** Never throws: whatever is no answer is silence, also that it could not be asked. */
  async ask({ url }: Veto, question: VetoQuestion): Promise<ProductsWord> {
    const { VETO_SIGNING_KEYS: signingKeys } = config.values;
    if (!signingKeys) return silent('VETO_SIGNING_KEYS is not set, so that no product can be asked');
    const timeLimitMs = this.limits.answerWithinMs;
    const outcome = await this.calls.ask({ url, id: idOf(question), body: question, signingKeys, timeLimitMs });
    if (outcome.kind === 'unanswered') return silent(outcome.detail);
    const answer = outcome.status === 200 ? readVetoAnswer(outcome.body) : undefined;
    return answer ? { kind: 'answered', answer } : silent(`it answered ${outcome.status} with what is no answer to the question`);
  }

  /** Why a product could never be asked there, as a sentence; undefined where nothing speaks against it. */
  problemOf(url: string): string | undefined {
    return this.calls.problemOf(url);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.calls.close();
  }
}

/**
 * The same question has the same id, also after a crash. Another one about the same operation has another: Microsoft was seen to use one id for two actions, and
 * the record may change while it is asked, so a product that keeps its answers by the id of the call must not give the old one.
 */
const idOf = (question: VetoQuestion): string => stableId('veto', JSON.stringify(question));

const silent = (reason: string): ProductsWord => ({ kind: 'silent', reason });
