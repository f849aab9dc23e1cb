import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectOf, writtenFiles } from '../repository.files.mjs';
import { importsIn } from './import.circles';

/** Projects that still have circles. The list only grows shorter. */
const notYet: string[] = [];

describe('imports', () => {
  it('lead in no circle anywhere, in sources and specs, with values and with types alone', async () => {
    const { circles, unresolved, files } = await importsIn(['apps', 'libs', 'tools']);
    expect(unresolved).toEqual([]);
    expect(files).toBeGreaterThan(writtenFiles().filter((file) => file.endsWith('.ts')).length / 2); // or it has seen too little
    const unexpected = circles.filter((files) => !files.every((file) => notYet.includes(projectOf(file))));
    expect(unexpected.map((files) => files.join(' -> '))).toEqual([]);
  });

  it('are found in a circle where one direction is a type alone', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'landfall-circle-'));
    try {
      writeFileSync(join(dir, 'order.ts'), `import type { Customer } from './customer';\nexport interface Order { customer: Customer }\n`);
      writeFileSync(join(dir, 'customer.ts'), `import type { Order } from './order';\nexport interface Customer { orders: Order[] }\n`);
      writeFileSync(join(dir, 'bill.ts'), `import type { Order } from './order';\nexport interface Bill { order: Order }\n`);
      const { circles } = await importsIn(['.'], dir);
      expect(circles.map((files) => [...new Set(files)].sort())).toEqual([['customer.ts', 'order.ts']]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
