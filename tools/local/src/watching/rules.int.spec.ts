import { join } from 'node:path';
import { rulesFile, rulesTestFile } from '../contracts/reference/watched';
import { repositoryDir } from '../repository';
import { isInstalled, rulesProblem, rulesTestProblem } from './prometheus';

/** Debian's package prometheus has it; the names and the syntax of all queries are checked without it as well. */
const whereInstalled = isInstalled('promtool') ? it : it.skip;

whereInstalled('promtool finds the rules right', () => expect(rulesProblem(join(repositoryDir, rulesFile))).toBeUndefined());

whereInstalled('each part of an alert that has several comes by itself, and what is no fault does not alarm', () =>
  expect(rulesTestProblem(join(repositoryDir, rulesTestFile))).toBeUndefined(),
);
