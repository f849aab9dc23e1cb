import { SetupError } from '../setup.error';
import type { EmulatorDetails } from './emulator';
import type { Run } from './run-json';

const answerLimitMs = 5_000;

/** Who gives tokens for the services' REST endpoints, and as which application a command asks for one. */
export type OperatorsIdentity = Pick<
  EmulatorDetails,
  'operatorsAuthorityUrl' | 'operatorsAudience' | 'operatorsClientId' | 'operatorsClientSecret'
>;

/** The settings of the services that say who signs operators in, and two more of commands alone. */
const settings = ['OPERATORS_AUTHORITY_URL', 'OPERATORS_AUDIENCE', 'OPERATORS_CLIENT_ID', 'OPERATORS_CLIENT_SECRET'] as const;

/**
 * Where the commands get their tokens: from the emulator that runs with the system, else from the identity service that the settings name.
 * @throws SetupError that names what is missing
 */
export function operatorsOf({ emulator }: Pick<Run, 'emulator'>, env: NodeJS.ProcessEnv = process.env): OperatorsIdentity {
  if (emulator) return emulator;
  const missing = settings.filter((name) => !env[name]);
  if (missing.length > 0)
    throw new SetupError(
      `This system has no marketplace-emulator that gives tokens: set ${missing.join(', ')}. OPERATORS_AUTHORITY_URL and OPERATORS_AUDIENCE are those ` +
        'of the services; the other two are an application there that has the operators’ roles.',
    );
  const [operatorsAuthorityUrl, operatorsAudience, operatorsClientId, operatorsClientSecret] = settings.map((name) => env[name]!);
  return {
    operatorsAuthorityUrl: operatorsAuthorityUrl!,
    operatorsAudience: operatorsAudience!,
    operatorsClientId: operatorsClientId!,
    operatorsClientSecret: operatorsClientSecret!,
  };
}

/**
 * A token of the operators' identity service, with the roles that the application has there, for the services' REST endpoints. The emulator's lives an hour. Rejects where
 * none comes within ten seconds: five for the address of its tokens, five for the token.
 */
export async function operatorToken(operators: OperatorsIdentity): Promise<string> {
  const { operatorsAuthorityUrl, operatorsAudience, operatorsClientId, operatorsClientSecret } = operators;
  const discovery = await answerOf(`${operatorsAuthorityUrl.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const answer = await answerOf(discovery.token_endpoint ?? '', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: operatorsClientId,
      client_secret: operatorsClientSecret,
      scope: `${operatorsAudience}/.default`,
    }),
  });
  if (!answer.access_token)
    throw new SetupError(`${operatorsAuthorityUrl} gave no token: ${answer.error_description ?? 'it does not say why'}`);
  return answer.access_token;
}

interface Answer {
  readonly token_endpoint?: string;
  readonly access_token?: string;
  readonly error_description?: string;
}

async function answerOf(url: string, init: RequestInit = {}): Promise<Answer> {
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(answerLimitMs) });
    return (await answer.json()) as Answer;
  } catch (error) {
    throw new SetupError(
      `The operators’ identity service did not answer at ${url || 'the address that it names for its tokens'}: ${String(error)}`,
      {
        cause: error,
      },
    );
  }
}
