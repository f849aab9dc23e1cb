import { emptyCatalog } from '@landfall/contracts';
import { AllowedHosts } from '@landfall/outgoing-call';
import { aCatalog } from '../testing/subscription.builders';
import { vetoProblems } from './veto.problems';

const asking = (url: string) => aCatalog({ veto: { url, whenSilent: 'refuse' } });
const hosts = new AllowedHosts(['*.fabrikam.example']);

it.each([
  ['no product has a say, also without keys', emptyCatalog, false, []],
  ['the product can be asked', asking('https://team.fabrikam.example/veto'), true, []],
  ['there is no key', asking('https://team.fabrikam.example/veto'), false, [/VETO_SIGNING_KEYS is not set/]],
  [
    'its host is not allowed',
    asking('https://team.contoso.example/veto'),
    true,
    [/^team\.contoso\.example, .* is not among OUTGOING_HOSTS/],
  ],
])('says what is wrong where %s', (_where, catalog, hasKeys, expected) => {
  expect(vetoProblems(catalog, { hosts, hasKeys })).toEqual(expected.map((words) => expect.stringMatching(words)));
});
