import { Agent, request } from 'undici';
import { limits } from '../limits';
import type { Answer } from './delivery';

export interface OutgoingWebhook {
  url: string;
  bearerToken: string;
  requestId: string;
  correlationId: string;
  body: unknown;
  timeoutMs: number;
}

/** Sends one POST. It follows no redirect, and an answer is read only up to a limit. */
export class WebhookSender {
  private readonly agent = new Agent({ connections: limits.concurrentDeliveries, keepAliveTimeout: 4_000 });

  /** The answer, or why there is none. */
  async send(webhook: OutgoingWebhook): Promise<{ answer: Answer } | { error: string }> {
    const signal = AbortSignal.timeout(webhook.timeoutMs);
    try {
      const response = await request(webhook.url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${webhook.bearerToken}`,
          'content-type': 'application/json',
          'x-ms-requestid': webhook.requestId,
          'x-ms-correlationid': webhook.correlationId,
        },
        body: JSON.stringify(webhook.body),
        signal,
        dispatcher: this.agent,
      });
      return { answer: { status: response.statusCode, body: await beginningOf(response.body) } };
    } catch (error) {
      return { error: signal.aborted ? `no answer within ${webhook.timeoutMs} ms` : reasonOf(error) };
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= limits.keptAnswerCharacters) break; // leaving the loop closes the connection
  }
  return text.slice(0, limits.keptAnswerCharacters);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  return `${code}: ${error.message || 'connection failed'}`;
}
