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

/** The broker's own word for an error, such as `UNKNOWN_TOPIC_OR_PARTITION`; undefined where no broker said it. kafkajs wraps it several times. */
export function typeOfProtocolError(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'KafkaJSProtocolError') return (cause as KafkaJSProtocolError).type;
  }
  return undefined;
}
