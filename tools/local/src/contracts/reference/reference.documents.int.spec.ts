import { repositoryDir } from '../../repository';
import { differencesOf, readDocuments } from '../documents';
import { metricsFile, referenceDocuments, referenceFiles, settingsFile } from './reference.documents';

jest.setTimeout(300_000);

const wanted = referenceDocuments(repositoryDir);

it('the pages of metrics and settings, and the names in the schema of the chart, are what the services say, as they are built', () => {
  const differences = differencesOf(readDocuments(repositoryDir, referenceFiles), wanted);
  if (differences.length > 0) throw new Error(`Run \`npm run contracts\` and commit what it writes:\n${differences.join('\n')}`);
});

it('metrics that a part of a service makes when it starts are there as well, without a database', () => {
  const page = wanted.get(metricsFile)!;
  const made = ['subscription_oldest_setup_seconds', 'marketplace_self_check_failing_seconds', 'outgoing_call_duration_seconds'];
  expect(made.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
});

it('every setting says what it means', () => {
  const silent = wanted.get(settingsFile)!.match(/^\| `[A-Z_]+` .*\| {2}\|$/gm);
  expect(silent).toBeNull();
});
