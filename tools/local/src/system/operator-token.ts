import type { EmulatorDetails } from './emulator';

const answerLimitMs = 5_000;

/**
 * A token of the emulator's identity service with every operator's role, for the services' REST endpoints. It lives an hour. Rejects where none comes within
 * five seconds.
 */
export async function operatorToken(emulator: EmulatorDetails): Promise<string> {
  const answer = await fetch(`${emulator.authorityUrl}/${emulator.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: emulator.operatorsClientId,
      client_secret: emulator.operatorsClientSecret,
      scope: `${emulator.operatorsAudience}/.default`,
    }),
    signal: AbortSignal.timeout(answerLimitMs),
  });
  const body = (await answer.json()) as { access_token?: string; error_description?: string };
  if (!body.access_token) throw new Error(`The emulator gave no token: ${answer.status} ${body.error_description ?? ''}`);
  return body.access_token;
}
