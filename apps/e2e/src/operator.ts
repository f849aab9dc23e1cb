interface OperatorsIdentity {
  authorityUrl: string;
  tenantId: string;
  operatorsClientId: string;
  operatorsClientSecret: string;
  operatorsAudience: string;
}

/** A bearer token for the services' REST endpoints, from the emulator's identity service. */
export async function operatorToken(identity: OperatorsIdentity): Promise<string> {
  const answer = await fetch(`${identity.authorityUrl}/${identity.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: identity.operatorsClientId,
      client_secret: identity.operatorsClientSecret,
      scope: `${identity.operatorsAudience}/.default`,
    }),
  });
  if (!answer.ok) throw new Error(`No token for the operator: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}
