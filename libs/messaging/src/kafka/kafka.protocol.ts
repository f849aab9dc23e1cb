/* eslint-disable @typescript-eslint/no-require-imports -- private files of kafkajs; kafka.private.unit.spec.ts pins what they must look like */
import type { KafkaJSProtocolError } from 'kafkajs';

const { createErrorFromCode } = require('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): KafkaJSProtocolError };

interface ProduceResponse {
  readonly topics: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
}
export interface ProduceParser {
  parse(response: ProduceResponse): Promise<ProduceResponse>;
}

/** All versions that kafkajs speaks with a broker of today. */
const parsers = ['3', '4', '5', '6', '7'].map(
  (version) => require(`kafkajs/src/protocol/requests/produce/v${version}/response`) as ProduceParser,
);

/**
 * A broker answers a produce request for each partition by itself, and kafkajs throws the first error away together with all that was acknowledged. With
 * this the answers are given back as they are, each with its `errorCode`; only what another try can mend is still thrown, and tried again inside.
 */
export function patchProduceResponse(): void {
  for (const parser of parsers) parser.parse = answersByPartition;
}

function answersByPartition(response: ProduceResponse): Promise<ProduceResponse> {
  const codes = response.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)).filter((code) => code !== 0);
  const passing = codes.map(createErrorFromCode).find(({ retriable }) => retriable);
  return passing ? Promise.reject(passing) : Promise.resolve(response);
}

/** What a code of the protocol means, for people. */
export function protocolErrorOf(code: number): string {
  const { type, message } = createErrorFromCode(code);
  return `${type}: ${message}`;
}

/** What a broker answered. */
export interface BrokersWord {
  /** Such as `UNKNOWN_TOPIC_OR_PARTITION`. */
  readonly type: string;
  /** It is over by itself: a leader is being elected, too few replicas are there. A topic that does not exist is nothing that passes. */
  readonly isPassing: boolean;
}

/** What a broker itself said in an error; undefined where no broker did. kafkajs wraps it several times. */
export function brokersWordIn(error: unknown): BrokersWord | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name !== 'KafkaJSProtocolError') continue;
    const { type, code } = cause as KafkaJSProtocolError;
    return { type, isPassing: createErrorFromCode(code).retriable && type !== 'UNKNOWN_TOPIC_OR_PARTITION' };
  }
  return undefined;
}
