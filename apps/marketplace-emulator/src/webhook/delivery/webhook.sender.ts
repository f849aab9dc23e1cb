import { Agent, request } from 'undici';
import { limits } from '../../limits';
import type { Answer } from './delivery';

interface OutgoingWebhook {
  url: string;
  /** `Bearer …`; null: the header is left out. */
  authorization: string | null;
  requestId: string;
  correlationId: string;
  body: string;
}

/** Sends one POST. It follows no redirect, and an answer is read only up to a limit. */
export class WebhookSender {
  /** The number of requests per address is limited by `DeliveryQueues`, not here. */
  private readonly agent = new Agent({ connections: limits.concurrentDeliveries, keepAliveTimeout: 4_000 });

  /** The answer, or why there is none; `signal` ends the waiting, and its reason becomes the error. */
  async send(webhook: OutgoingWebhook, signal: AbortSignal): Promise<{ answer: Answer } | { error: string }> {
    try {
      const response = await request(webhook.url, {
        method: 'POST',
        headers: headersOf(webhook),
        body: webhook.body,
        signal,
        dispatcher: this.agent,
      });
      return { answer: { status: response.statusCode, body: await beginningOf(response.body) } };
    } catch (error) {
      return { error: signal.aborted ? String(signal.reason) : reasonOf(error) };
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

function headersOf({ authorization, requestId, correlationId }: OutgoingWebhook): Record<string, string> {
  return {
    ...(authorization === null ? {} : { authorization }),
    'content-type': 'application/json',
    'x-ms-requestid': requestId,
    'x-ms-correlationid': correlationId,
  };
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= limits.keptAnswerBytes) break; // leaving the loop closes the connection
  }
  return bytes === 0 ? '' : Buffer.concat(chunks).toString('utf8', 0, limits.keptAnswerBytes);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  return `${code}: ${error.message || 'connection failed'}`;
}
