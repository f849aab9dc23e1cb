import { acceptedDir, unaccepted } from './accepted.breaks';
import { committedDocuments } from './committed';
import { breaksOfDocuments } from './compatibility/document.breaks';
import { differencesOf, readDocuments } from './documents';
import { messageDocuments, messagesDir } from './message.documents';
import { repositoryDir } from '../repository';
import { restDir } from './rest.documents';

const folders = [messagesDir, restDir, acceptedDir];

describe('the documents of messages', () => {
  it('are what libs/contracts makes', () => {
    const differences = differencesOf(readDocuments(repositoryDir, [messagesDir]), messageDocuments(repositoryDir));
    if (differences.length > 0)
      throw new Error(
        `Run \`npm run contracts\` and commit what it writes. These documents are not what the code makes:\n${differences.join('\n')}`,
      );
  });

  it('tell of each public message when it comes', () => {
    const page = messageDocuments(repositoryDir).get(`${messagesDir}/README.md`)!;
    expect(page.match(/^\| \[[a-z-]+\]\(#[a-z-]+\) \| {2}\|$/gm)).toBeNull();
    expect(page).toContain('| [suspended](#suspended) | The customer keeps the data but loses access. |');
  });

  it('describe fields where they are defined, at any depth and through what messages share', () => {
    const schema = JSON.parse(messageDocuments(repositoryDir).get(`${messagesDir}/schemas/landfall.subscription.change-refused.v1.json`)!);
    const { properties } = schema.properties.data;
    expect(properties.planId.description).toBe('The plan of the offer.');
    expect(properties.refused.properties.planId.description).toBe('The plan that was asked for; null where it was about seats.');
    expect(properties.effectiveAt.description).toBe('When it was true at Microsoft; null where unknown.');
  });
});

describe('messages and endpoints', () => {
  it.each(['HEAD', 'HEAD^'])('break nothing that %s has, unless somebody has said why', (commit) => {
    const before = committedDocuments(repositoryDir, commit, folders);
    if (!before) return; // an unpacked archive, or a clone that is not deep enough: `npm run contracts` has compared with what it found
    const now = readDocuments(repositoryDir, folders);
    const open = unaccepted(breaksOfDocuments(before, now), before, now);
    if (open.length > 0) throw new Error(`Run \`npm run contracts\`, which says what can be done about:\n${open.join('\n')}`);
  });
});
