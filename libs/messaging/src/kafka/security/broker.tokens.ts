import { readFile } from 'node:fs/promises';
import { boundedText } from '@landfall/service-defaults';
import { z } from 'zod';
import type { KafkaValues } from './kafka.settings';

/** A request for a token may take so long. A client of Kafka waits for it. */
const timeLimitMs = 5_000;
const bodyLimitBytes = 65_536;
/** A token is replaced before it ends: whoever logs in with it has to be let in, and clocks differ. */
const spareMs = 60_000;

const answer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400 * 30),
});

/** The token by which brokers know a service could not be had. */
export class BrokerTokenRefused extends Error {
  readonly code = 'BROKER_TOKEN_REFUSED';
  readonly retriable = true;
}

/** Tokens for `oauthbearer` by the grant `client_credentials` (RFC 6749, 4.4; with a federated token RFC 7523), one for all who wait, until a minute before it ends. */
export class BrokerTokens {
  private held: { value: string; untilMs: number } | null = null;
  private asking: Promise<string> | null = null;

  constructor(
    private readonly values: KafkaValues,
    private readonly now = () => performance.now(),
  ) {}

  /** @throws BrokerTokenRefused */
  async current(): Promise<{ value: string }> {
    if (this.held && this.held.untilMs > this.now()) return { value: this.held.value };
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return { value: await this.asking };
  }

  private async ask(): Promise<string> {
    const { KAFKA_OAUTH_TOKEN_URL: url = '' } = this.values;
    const askedAtMs = this.now();
    const { access_token: value, expires_in: seconds } = await this.answerOf(url).catch((error: unknown) => {
      throw new BrokerTokenRefused(`KAFKA_OAUTH_TOKEN_URL gave no token for Kafka: ${(error as Error).message}`, { cause: error });
    });
    const lifeMs = seconds * 1_000;
    this.held = { value, untilMs: askedAtMs + Math.max(lifeMs - spareMs, lifeMs / 2) };
    return value;
  }

  private async answerOf(url: string): Promise<z.output<typeof answer>> {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(timeLimitMs),
      headers: { accept: 'application/json' },
      body: await this.request(),
    });
    const text = await boundedText(response, bodyLimitBytes);
    if (!response.ok) throw new Error(`it answered ${response.status}${reasonIn(text)}`);
    const parsed = answer.safeParse(jsonOf(text));
    if (!parsed.success) throw new Error('its answer has no access_token and expires_in');
    return parsed.data;
  }

  /** The platform renews a federated token in its file, so it is read each time. */
  private async request(): Promise<URLSearchParams> {
    const { KAFKA_OAUTH_CLIENT_ID: id = '', KAFKA_OAUTH_CLIENT_SECRET: secret, KAFKA_OAUTH_FEDERATED_TOKEN_FILE: file } = this.values;
    const { KAFKA_OAUTH_SCOPE: scope } = this.values;
    const proof: Record<string, string> = file
      ? {
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: (await readFile(file, 'utf8')).trim(),
        }
      : { client_secret: secret ?? '' };
    return new URLSearchParams({ grant_type: 'client_credentials', client_id: id, ...proof, ...(scope && { scope }) });
  }
}

/** What OAuth 2.0 says of a refusal, and nothing else of the answer, which may repeat the request. */
function reasonIn(text: string): string {
  const { error } = (jsonOf(text) ?? {}) as { error?: unknown };
  return typeof error === 'string' && /^[\w.-]{1,80}$/.test(error) ? ` (${error})` : '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
