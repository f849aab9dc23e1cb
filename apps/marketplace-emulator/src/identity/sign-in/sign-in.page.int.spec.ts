import { decodeJwt } from 'jose';
import { startEmulator } from '../../emulator';
import type { RunningEmulator } from '../../emulator.options';
import { builtInPeople, consumerTenantId, type Person } from '../../people/person';
import { call } from '../../testing/publisher';
import { TestSignIn, type SignInOptions } from '../../testing/sign-in';

const [ada, , chen, dora] = builtInPeople as [Person, Person, Person, Person];
let emulator: RunningEmulator;

beforeAll(async () => {
  emulator = await startEmulator({ settings: { signinRedirectUris: [TestSignIn.redirectUri] } });
});

beforeEach(() => call('POST', `${emulator.controlUrl}/reset`));

afterAll(() => emulator.stop());

const signIn = (options?: SignInOptions) => new TestSignIn(emulator, options);
const settings = (changes: object) => call('PATCH', `${emulator.controlUrl}/settings`, changes);

describe('an authority', () => {
  it.each([
    ['common', { work: true, personal: true }],
    ['organizations', { work: true, personal: false }],
    ['consumers', { work: false, personal: true }],
    [consumerTenantId, { work: false, personal: true }],
    [ada.tenantId, { work: true, personal: false }],
    [ada.tenantId.toUpperCase(), { work: true, personal: false }],
    [chen.tenantId, { work: false, personal: false }],
  ])('offers and lets in its kind of people alone: %s', async (tenant, lets) => {
    const page = (await signIn({ tenant }).page()).body;
    expect({ work: page.includes(ada.id), personal: page.includes(dora.id) }).toEqual(lets);
    const entered = async (person: Person) => (await signIn({ tenant }).outcome({ person: person.id })).has('code');
    expect({ work: await entered(ada), personal: await entered(dora) }).toEqual(lets);
  });

  it('is a tenant or stands for many; anything else is reported on the page', async () => {
    expect(await signIn({ tenant: 'nowhere' }).page()).toMatchObject({ status: 400, body: expect.stringContaining('AADSTS90002') });
  });
});

describe('somebody else', () => {
  it('gets a new tenant with an organisation of its own', async () => {
    const claims = await signIn().claims({
      add: '1',
      emailId: 'eve@tailspin.example',
      displayName: 'Eve',
      organisation: 'Tailspin',
      kind: 'work',
    });
    expect(claims).toMatchObject({ name: 'Eve', email: 'eve@tailspin.example' });
    expect(builtInPeople.map(({ tenantId }) => tenantId)).not.toContain(claims['tid']);
    const { people } = (await call('GET', `${emulator.controlUrl}/people`)).body;
    expect(people).toContainEqual(expect.objectContaining({ id: claims['oid'], organisation: 'Tailspin' }));
  });

  it('belongs to the tenant that was entered, or to that of the authority', async () => {
    const [entered, asked] = ['bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'];
    const form = { add: '1', emailId: 'finn@wingtip.example', kind: 'work' };
    expect(await signIn().claims({ ...form, tenantId: entered })).toMatchObject({ tid: entered });
    expect(await signIn({ tenant: asked }).claims({ ...form, tenantId: entered })).toMatchObject({ tid: asked });
  });

  it('has a personal account where that is chosen, or where the authority has no others', async () => {
    const form = { add: '1', emailId: 'gil@outlook.example' };
    expect(await signIn().claims({ ...form, kind: 'personal' })).toMatchObject({ tid: consumerTenantId });
    expect(await signIn({ tenant: 'consumers' }).claims(form)).toMatchObject({ tid: consumerTenantId });
    expect((await signIn({ tenant: 'organizations' }).claims({ ...form, kind: 'personal' }))['tid']).not.toBe(consumerTenantId);
  });

  it('may have no mailbox: no e-mail claim, no mail in the profile', async () => {
    const tokens = await signIn({ changes: { scope: 'openid profile email User.Read' } }).tokens({
      add: '1',
      emailId: 'hal@tailspin.example',
      noMailbox: '1',
    });
    expect(decodeJwt(tokens.id_token)).not.toHaveProperty('email');
    const authorization = { authorization: `Bearer ${tokens.access_token}` };
    expect((await call('GET', `${emulator.authorityUrl}/graph/v1.0/me`, undefined, authorization)).body).toMatchObject({
      mail: null,
      userPrincipalName: 'hal@tailspin.example',
    });
  });

  it('is asked again when an entry is wrong', async () => {
    for (const form of [{ emailId: 'no address' }, { emailId: 'a@b.example', tenantId: 'no-guid' }, {}] as Record<string, string>[]) {
      const { status, body } = await signIn().submit({ add: '1', ...form });
      expect(status).toBe(400);
      expect(body).toContain('data-testid="problem"');
    }
    expect((await signIn().submit({ person: 'nobody' })).status).toBe(400);
  });
});

describe('a request', () => {
  it('offers the hinted person first, and only those of the hinted domain', async () => {
    const order = async (changes: Record<string, string>) =>
      [...(await signIn({ changes }).page()).body.matchAll(/name="person" value="([^"]+)"/g)].map(([, id]) => id);
    expect((await order({ login_hint: dora.userPrincipalName.toUpperCase() }))[0]).toBe(dora.id);
    expect(await order({ domain_hint: 'consumers' })).toEqual([dora.id]);
    expect(await order({ domain_hint: 'organizations' })).not.toContain(dora.id);
    expect(await order({ domain_hint: 'northwind.example' })).toEqual([chen.id]);
    expect(await order({ domain_hint: 'nobody.example' })).toHaveLength(builtInPeople.length);
  });

  it.each(['login_required', 'interaction_required', 'consent_required'])(
    'without a prompt is answered as the setting chooses: %s',
    async (silentSignin) => {
      await settings({ silentSignin });
      const { headers } = await signIn({ changes: { prompt: 'none' } }).page();
      expect(new URL(headers.get('location') as string).searchParams.get('error')).toBe(silentSignin);
    },
  );

  it.each([
    ['an unknown prompt', { prompt: 'sometimes' }, 'invalid_request'],
    ['a prompt and none', { prompt: 'none login' }, 'invalid_request'],
    ['an unknown response mode', { response_mode: 'pigeon' }, 'invalid_request'],
    ['an unknown resource', { scope: 'openid api://nothing/read' }, 'invalid_resource'],
    ['two resources', { scope: 'openid User.Read api://landfall/.default' }, 'invalid_scope'],
  ])('for %s is refused and reported', async (_what, changes, error) => {
    const { headers } = await signIn({ changes }).page();
    expect(new URL(headers.get('location') as string).searchParams.get('error')).toBe(error);
  });

  it.each(['login', 'select_account', 'consent', 'create'])('may ask for the prompt %s', async (prompt) => {
    expect((await signIn({ changes: { prompt } }).page()).status).toBe(200);
  });

  it('of an application that signs nobody in is refused on the page', async () => {
    expect((await signIn({ clientId: emulator.clientId }).page()).body).toContain('AADSTS500113');
    expect((await signIn({ clientId: '00000000-0000-0000-0000-000000000001' }).page()).body).toContain('AADSTS700016');
  });
});

describe('the answer', () => {
  it('is returned in the query, in the fragment or by a form, with the state as it came', async () => {
    const state = 'a state/with=odd&characters';
    const location = async (response_mode?: string) =>
      new URL((await signIn({ changes: { response_mode } }).submit({ person: ada.id })).headers.get('location') as string);
    expect((await location()).searchParams.get('state')).toBe(state);
    const { hash, search } = await location('fragment');
    expect({
      search,
      state: new URLSearchParams(hash.slice(1)).get('state'),
      code: new URLSearchParams(hash.slice(1)).has('code'),
    }).toEqual({
      search: '',
      state,
      code: true,
    });
    const form = (await signIn({ changes: { response_mode: 'form_post' } }).submit({ person: ada.id })).body;
    expect(form).toContain(`action="${TestSignIn.redirectUri}"`);
    expect(form).toContain('value="a state/with=odd&amp;characters"');
  });

  it('brings the nonce back, and none where none was sent', async () => {
    expect(await signIn({ changes: { nonce: 'n-1' } }).claims({ person: ada.id })).toMatchObject({ nonce: 'n-1' });
    expect(await signIn().claims({ person: ada.id })).not.toHaveProperty('nonce');
  });
});

describe('permissions', () => {
  const profile = async (scope: string) => {
    const { access_token } = await signIn({ changes: { scope } }).tokens({ person: ada.id });
    return call('GET', `${emulator.authorityUrl}/graph/v1.0/me`, undefined, { authorization: `Bearer ${access_token}` });
  };

  it('open the profile with User.Read alone', async () => {
    expect(await profile('openid profile User.Read')).toMatchObject({
      status: 200,
      body: { id: ada.id, displayName: 'Ada Fabrikam', givenName: 'Ada', surname: 'Fabrikam', mail: ada.mail, preferredLanguage: null },
    });
    expect((await profile('openid https://graph.microsoft.com/User.Read')).status).toBe(200);
    expect(await profile('openid profile')).toMatchObject({ status: 403, body: { error: { code: 'Authorization_RequestDenied' } } });
  });

  it('beyond it are shown on the page, and refused where an administrator would have to agree', async () => {
    const changes = { scope: 'openid User.Read Directory.Read.All' };
    expect((await signIn({ changes }).page()).body).toContain('Directory.Read.All');
    expect((await signIn().page()).body).not.toContain('data-testid="further-permissions"');
    expect((await signIn({ changes }).outcome({ person: ada.id })).has('code')).toBe(true);
    await settings({ furtherPermissions: 'refused' });
    expect((await signIn({ changes }).outcome({ person: ada.id })).get('error')).toBe('consent_required');
    expect((await signIn().outcome({ person: ada.id })).has('code')).toBe(true);
  });

  it('are no profile without a token', async () => {
    expect(await call('GET', `${emulator.authorityUrl}/graph/v1.0/me`)).toMatchObject({
      status: 401,
      body: { error: { code: 'InvalidAuthenticationToken' } },
    });
  });
});

describe('a refresh token', () => {
  const offline = () => signIn({ changes: { scope: 'openid profile offline_access User.Read', nonce: 'n-1' } });
  const refresh = (refresh_token: string, more: Record<string, string> = {}) =>
    offline().ask({ grant_type: 'refresh_token', refresh_token, ...more });

  it('is there where offline_access is requested, may be used again, and stands for the same person', async () => {
    expect(await signIn().tokens({ person: ada.id })).not.toHaveProperty('refresh_token');
    const { refresh_token, scope } = await offline().tokens({ person: ada.id });
    expect(scope).toBe('openid profile User.Read');
    for (let time = 0; time < 2; time++) {
      const { status, body } = await refresh(refresh_token);
      expect({ status, ...decodeJwt(body.id_token) }).toMatchObject({ status: 200, oid: ada.id, aud: emulator.signinClientId });
      expect(decodeJwt(body.id_token)).not.toHaveProperty('nonce');
      expect((await refresh(body.refresh_token)).status).toBe(200);
    }
  });

  it('gives less where less is asked for, and never more', async () => {
    const { refresh_token } = await offline().tokens({ person: ada.id });
    expect((await refresh(refresh_token, { scope: 'openid profile' })).body).toMatchObject({ scope: 'openid profile' });
    expect((await refresh(refresh_token, { scope: 'openid Mail.Read' })).body).toMatchObject({
      error: 'invalid_grant',
      error_codes: [65001],
    });
  });

  it.each(['1.bnVsbA', 'bnVsbA==', `1.${'A'.repeat(200)}`, 'x'.repeat(20_000)])(
    'is refused when it is not one of ours: %.12s',
    async (token) => {
      expect(await refresh(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant', error_codes: [70000] } });
    },
  );

  it('is of one application, and ends with its person', async () => {
    const { refresh_token } = await offline().tokens({ add: '1', emailId: 'ida@tailspin.example' });
    const other = signIn({ clientId: emulator.clientId, clientSecret: emulator.clientSecret });
    expect((await other.ask({ grant_type: 'refresh_token', refresh_token })).body).toMatchObject({ error: 'invalid_grant' });
    await call('POST', `${emulator.controlUrl}/reset`);
    expect((await refresh(refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('the end of a session', () => {
  const logout = (parameters: Record<string, string>) =>
    call('GET', `${emulator.authorityUrl}/common/oauth2/v2.0/logout?${new URLSearchParams(parameters)}`);

  it('is named by the discovery document', async () => {
    const { body } = await call('GET', `${emulator.authorityUrl}/common/v2.0/.well-known/openid-configuration`);
    expect(body.end_session_endpoint).toBe(`${emulator.authorityUrl}/common/oauth2/v2.0/logout`);
  });

  it('leads back to a registered address only', async () => {
    const back = await logout({ post_logout_redirect_uri: TestSignIn.redirectUri, state: 's' });
    expect([back.status, back.headers.get('location')]).toEqual([303, `${TestSignIn.redirectUri}?state=s`]);
    for (const parameters of [{}, { post_logout_redirect_uri: 'https://elsewhere.example/' }] as Record<string, string>[]) {
      expect(await logout(parameters)).toMatchObject({ status: 200, body: expect.stringContaining('Signed out') });
    }
  });
});
