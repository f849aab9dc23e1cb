import { decodeJwt, type JWTPayload } from 'jose';
import type { RunningEmulator } from '../emulator.options';
import { call, type ApiAnswer } from './publisher';

export interface SignInOptions {
  /** The authority; `common` by default. */
  tenant?: string;
  /** Changes of the request; a member set to undefined is left out. */
  changes?: Record<string, string | undefined>;
  clientId?: string;
  clientSecret?: string;
}

/** A sign-in as a browser and an application do it together, without a library that would check anything. */
export class TestSignIn {
  static readonly redirectUri = 'http://localhost:4711/signin/callback';
  private readonly tenant: string;
  private readonly client: { id: string; secret: string };

  constructor(
    private readonly emulator: RunningEmulator,
    private readonly options: SignInOptions = {},
  ) {
    this.tenant = options.tenant ?? 'common';
    this.client = { id: options.clientId ?? emulator.signinClientId, secret: options.clientSecret ?? emulator.signinClientSecret };
  }

  get pageUrl(): string {
    const parameters = {
      client_id: this.client.id,
      redirect_uri: TestSignIn.redirectUri,
      response_type: 'code',
      scope: 'openid profile email',
      state: 'a state/with=odd&characters',
      ...this.options.changes,
    };
    const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return `${this.emulator.authorityUrl}/${this.tenant}/oauth2/v2.0/authorize?${new URLSearchParams(given)}`;
  }

  page(): Promise<ApiAnswer> {
    return call('GET', this.pageUrl);
  }

  submit(form: Record<string, string>): Promise<ApiAnswer> {
    return call('POST', this.pageUrl, new URLSearchParams(form).toString(), { 'content-type': 'application/x-www-form-urlencoded' });
  }

  /** What the application receives at its redirect URI. */
  async outcome(form: Record<string, string>): Promise<URLSearchParams> {
    const { status, headers, body } = await this.submit(form);
    if (status !== 303) throw new Error(`sent nowhere: ${status} ${JSON.stringify(body)}`);
    return new URL(headers.get('location') as string).searchParams;
  }

  /** The token endpoint's answer to the code of a sign-in. */
  async tokens(form: Record<string, string>): Promise<ApiAnswer['body']> {
    const code = (await this.outcome(form)).get('code') as string;
    return (await this.ask({ grant_type: 'authorization_code', code, redirect_uri: TestSignIn.redirectUri })).body;
  }

  async claims(form: Record<string, string>): Promise<JWTPayload> {
    return decodeJwt((await this.tokens(form)).id_token);
  }

  ask(form: Record<string, string>): Promise<ApiAnswer> {
    const whole = new URLSearchParams({ client_id: this.client.id, client_secret: this.client.secret, ...form });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return call('POST', `${this.emulator.authorityUrl}/${this.tenant}/oauth2/v2.0/token`, whole.toString(), headers);
  }
}
