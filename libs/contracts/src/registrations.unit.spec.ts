import { registrationProblems, registrations, type RegistrationSetting } from './registrations';

const tenantId = '4a7d4b5e-6c57-4b1a-8f5d-0d2b3a1c9e01';
const clientId = '9d0b1c2e-3f4a-4b5c-8d6e-7f8091a2b3c4';
const fabrikam = { name: 'fabrikam', tenantId, clientId, clientSecretFile: '/secrets/fabrikam' };
const contoso = { ...fabrikam, name: 'contoso', clientId: '5c1b7f0a-2d3e-4f5a-9b6c-7d8e9fa0b1c2' };

const read = (given: unknown): RegistrationSetting[] => registrations.parse(given);
const problems = (given: unknown) =>
  (registrations.safeParse(given).error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]);

describe('the list of registrations', () => {
  it('names each thing that is wrong, by index and member, at once', () => {
    const entries = [
      { ...fabrikam, name: 'Fabrikam' },
      { ...contoso, clientSecret: 'hush' },
      { name: 'adatum', tenantId, clientId: 'none', clientSecretFile: '/a', certificateFile: '/b' },
      7,
    ];
    expect(problems(entries)).toEqual([
      ['0.name', 'it must be 1 to 40 of a-z, 0-9 and -, and begin with no -'],
      ['1', 'Unrecognized key: "clientSecret"'],
      ['2.clientId', 'it must be a GUID'],
      ['2', 'exactly one of clientSecretFile, certificateFile, federatedTokenFile must be given'],
      ['3', 'Invalid input: expected object, received number'],
    ]);
  });

  it('has at most 100 members', () => {
    expect(problems(Array.from({ length: 101 }, () => fabrikam))).toEqual([['', 'there must be at most 100']]);
  });

  it.each(['', '-a', 'a_b', 'a/b', 'Ä', 'a'.repeat(41)])('refuses the name "%s", which could not stand in an address', (name) => {
    expect(problems([{ ...fabrikam, name }])).toHaveLength(1);
  });
});

describe('registrations together', () => {
  const single = { PUBLISHER_TENANT_ID: tenantId, PUBLISHER_CLIENT_ID: clientId };

  it('are sound beside the PUBLISHER_* settings, and without them', () => {
    expect(registrationProblems({ ...single, REGISTRATIONS: read([contoso]) })).toEqual([]);
    expect(registrationProblems({ ...single, REGISTRATIONS: [] })).toEqual([]);
    expect(
      registrationProblems({ REGISTRATIONS: read([fabrikam, contoso, { ...fabrikam, name: 'default', clientId: tenantId }]) }),
    ).toEqual([]);
  });

  it('must be some', () => {
    expect(registrationProblems({ REGISTRATIONS: [] })).toEqual([expect.stringContaining('No registration is known')]);
  });

  it.each([
    ['TENANT', 'CLIENT'],
    ['CLIENT', 'TENANT'],
  ])('need PUBLISHER_%s_ID and PUBLISHER_%s_ID both or none', (given, missing) => {
    expect(registrationProblems({ [`PUBLISHER_${given}_ID`]: tenantId, REGISTRATIONS: read([contoso]) })).toEqual([
      `PUBLISHER_${missing}_ID is not set, while PUBLISHER_${given}_ID is: set both or none`,
    ]);
  });

  it('differ in name, in application, and in what tells whose a webhook token is', () => {
    const other = { ...contoso, webhookAudience: clientId.toUpperCase() };
    expect(registrationProblems({ REGISTRATIONS: read([fabrikam, { ...contoso, name: 'fabrikam' }]) })).toEqual([
      'REGISTRATIONS[1] has the name of REGISTRATIONS[0]',
    ]);
    expect(
      registrationProblems({ ...single, REGISTRATIONS: read([{ ...fabrikam, webhookAudience: 'https://fabrikam.example' }]) }),
    ).toEqual(['REGISTRATIONS[0] has the tenantId and clientId of PUBLISHER_*']);
    expect(registrationProblems({ REGISTRATIONS: read([fabrikam, other]) })).toEqual([
      'REGISTRATIONS[1] has the tenantId and webhookAudience of REGISTRATIONS[0]',
    ]);
    expect(
      registrationProblems({ ...single, REGISTRATIONS: read([contoso, { ...contoso, name: 'default', clientId: tenantId }]) }),
    ).toEqual(['REGISTRATIONS[1] has the name of PUBLISHER_*']);
  });
});
