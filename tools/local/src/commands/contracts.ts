import { accept, acceptedDir, unaccepted } from '../contracts/accepted.breaks';
import { committedDocuments } from '../contracts/committed';
import { breaksOfDocuments } from '../contracts/compatibility/document.breaks';
import { differencesOf, readDocuments, writeDocuments } from '../contracts/documents';
import { messageDocuments, messagesDir } from '../contracts/message.documents';
import { referenceDocuments, referenceFiles } from '../contracts/reference/reference.documents';
import { restDir, restDocuments } from '../contracts/rest.documents';
import { repositoryDir } from '../repository';
import { SetupError } from '../setup.error';
import { argumentsOf, print, runCommand } from './command';

const usage = `npm run contracts                          make the documents of messages, REST endpoints, metrics and settings anew, and the names in the chart's schema
npm run contracts -- --accept "<reason>"    the same, where they break what others rely on: with the reason, for the record`;

const folders = [messagesDir, restDir, ...referenceFiles];

/** `npm run contracts`: makes the documents of messages, endpoints, metrics and settings, unless they break what was committed and nobody has said why. */
void runCommand(async () => {
  const given = argumentsOf(usage, { accept: { type: 'string' } });
  if (!given) return 0;
  const reason = given.values.accept?.trim();
  if (given.values.accept !== undefined && !reason) throw new SetupError(`--accept takes the reason, in words.\n\n${usage}`);

  const written = readDocuments(repositoryDir, [...folders, acceptedDir]);
  const before = committedDocuments(repositoryDir, 'HEAD', [...folders, acceptedDir]) ?? written;
  const wanted = new Map([...messageDocuments(repositoryDir), ...restDocuments(repositoryDir), ...referenceDocuments(repositoryDir)]);
  const open = unaccepted(breaksOfDocuments(before, wanted), before, written);
  if (open.length > 0 && !reason)
    throw new SetupError(
      `These changes break what others rely on, so nothing was written:\n\n${open.map((one) => `  ${one}`).join('\n')}\n\n` +
        'Keep the old version and publish the new one beside it as a type that ends in .v2, or another path. Until the first release a change may be ' +
        'accepted: npm run contracts -- --accept "<reason>".',
    );
  if (open.length > 0 && reason) print(`Accepted, and kept in ${accept(repositoryDir, open, reason, new Date())}: ${open.length} changes.`);
  const differences = differencesOf(readDocuments(repositoryDir, folders), wanted);
  writeDocuments(repositoryDir, folders, wanted);
  print(differences.length === 0 ? 'All documents are current.' : `Made anew: ${differences.length} documents.`);
  return 0;
});
